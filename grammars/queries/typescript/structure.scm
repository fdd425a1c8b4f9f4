; Comments and literal text.
[(comment) (html_comment)] @comment
[(string) (template_string) (regex)] @string
(template_substitution) @interpolation

; What holds statements, members or cases.
[
  (statement_block)
  (class_body)
  (interface_body)
  (enum_body)
  (switch_body)
  (object)
  (object_type)
] @block

(import_statement) @import

(function_declaration name: (_) @name) @function @documentable @testable
(generator_function_declaration name: (_) @name) @function @documentable @testable
(function_signature name: (_) @name) @function @documentable
(method_definition name: (_) @name) @function @documentable @testable
(method_signature name: (_) @name) @function @documentable
(abstract_method_signature name: (_) @name) @function @documentable
[(arrow_function) (function_expression) (generator_function)] @function

; A variable that holds a function is a function; its body is the function's.
(variable_declarator
  name: (identifier) @name
  value: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)
  ]) @function @documentable @testable
(public_field_definition
  name: (_) @name
  value: (arrow_function body: (_) @body)) @function @documentable @testable

(class_declaration name: (_) @name) @class @documentable
(abstract_class_declaration name: (_) @name) @class @documentable
(interface_declaration name: (_) @name) @class @documentable
(enum_declaration name: (_) @name) @class @documentable

(type_alias_declaration name: (_) @name) @definition @documentable
(internal_module name: (_) @name) @definition @documentable
(module name: (_) @name) @definition @documentable
(lexical_declaration (variable_declarator name: (identifier) @name) @definition)
[(public_field_definition) (property_signature)] @documentable
