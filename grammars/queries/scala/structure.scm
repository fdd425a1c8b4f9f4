; Comments and literal text.
[(comment) (block_comment)] @comment
[(string) (interpolated_string) (character_literal)] @string
(interpolation) @interpolation

; What holds statements, members or cases; the indented forms have no brackets.
[
  (block)
  (template_body)
  (enum_body)
  (case_block)
  (indented_block)
  (indented_cases)
] @block

(import_declaration) @import

(function_definition name: (_) @name) @function @documentable @testable
(function_declaration name: (_) @name) @function @documentable
(lambda_expression) @function

(class_definition name: (_) @name) @class @documentable
(object_definition name: (_) @name) @class @documentable
(trait_definition name: (_) @name) @class @documentable
(enum_definition name: (_) @name) @class @documentable

(type_definition name: (_) @name) @definition @documentable
(given_definition name: (_) @name) @definition @documentable
(val_definition pattern: (identifier) @name) @definition @documentable
(var_definition pattern: (identifier) @name) @definition @documentable
(simple_enum_case name: (_) @name) @definition @documentable
