; Comments and literal text.
[(line_comment) (block_comment)] @comment
[(string_literal) (character_literal)] @string
(string_interpolation) @interpolation

; What holds statements, members or cases.
[
  (block)
  (constructor_body)
  (class_body)
  (interface_body)
  (enum_body)
  (annotation_type_body)
  (switch_block)
] @block

(import_declaration) @import

(method_declaration name: (_) @name) @function @documentable @testable
(constructor_declaration name: (_) @name) @function @documentable @testable
(compact_constructor_declaration name: (_) @name) @function @documentable
(lambda_expression) @function

(class_declaration name: (_) @name) @class @documentable
(interface_declaration name: (_) @name) @class @documentable
(enum_declaration name: (_) @name) @class @documentable
(record_declaration name: (_) @name) @class @documentable
(annotation_type_declaration name: (_) @name) @class @documentable

(field_declaration declarator: (variable_declarator name: (_) @name)) @definition @documentable
(constant_declaration declarator: (variable_declarator name: (_) @name)) @definition @documentable
(enum_constant name: (_) @name) @definition @documentable
