; Comments and literal text.
(comment) @comment
[(string_literal) (char_literal) (system_lib_string)] @string

; What holds statements, declarations or members.
[
  (compound_statement)
  (declaration_list)
  (field_declaration_list)
  (enumerator_list)
  (initializer_list)
] @block

(preproc_include) @import

; A name may stand behind one or two stars.
(function_definition
  declarator: [
    (function_declarator declarator: (identifier) @name)
    (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))
    (pointer_declarator declarator: (pointer_declarator declarator: (function_declarator declarator: (identifier) @name)))
  ]) @function @documentable @testable
(declaration
  declarator: [
    (function_declarator declarator: (identifier) @name)
    (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))
  ]) @function @documentable

(struct_specifier name: (_) @name body: (_)) @class @documentable
(union_specifier name: (_) @name body: (_)) @class @documentable
(enum_specifier name: (_) @name body: (_)) @class @documentable

(type_definition declarator: (type_identifier) @name) @definition @documentable
(preproc_def name: (_) @name) @definition @documentable
(preproc_function_def name: (_) @name) @definition @documentable
(declaration declarator: (init_declarator declarator: (identifier) @name)) @definition @documentable
(field_declaration) @documentable
