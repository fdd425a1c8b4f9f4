; What C++ adds to C.
(raw_string_literal) @string
[(using_declaration) (namespace_alias_definition)] @import

(function_definition
  declarator: [
    (function_declarator declarator: (field_identifier) @name)
    (function_declarator declarator: (qualified_identifier name: (_) @name))
    (function_declarator declarator: (destructor_name) @name)
    (function_declarator declarator: (operator_name) @name)
    (pointer_declarator declarator: (function_declarator declarator: (field_identifier) @name))
    (pointer_declarator declarator: (function_declarator declarator: (qualified_identifier name: (_) @name)))
    (reference_declarator (function_declarator declarator: (identifier) @name))
    (reference_declarator (function_declarator declarator: (field_identifier) @name))
    (reference_declarator (function_declarator declarator: (operator_name) @name))
    (reference_declarator (function_declarator declarator: (qualified_identifier name: (_) @name)))
  ]) @function @documentable @testable
(field_declaration
  declarator: (function_declarator declarator: (field_identifier) @name)) @function @documentable
(lambda_expression) @function

(class_specifier name: (_) @name body: (_)) @class @documentable
(namespace_definition name: (_) @name) @definition
(alias_declaration name: (_) @name) @definition @documentable
(concept_definition name: (_) @name) @definition @documentable
