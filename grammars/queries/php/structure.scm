; Comments and literal text.
(comment) @comment
[
  (string)
  (encapsed_string)
  (heredoc)
  (nowdoc)
  (shell_command_expression)
  (text)
] @string

; What holds statements, members or arms.
[
  (compound_statement)
  (colon_block)
  (declaration_list)
  (enum_declaration_list)
  (switch_block)
  (match_block)
  (array_creation_expression)
] @block

[
  (namespace_use_declaration)
  (require_expression)
  (require_once_expression)
  (include_expression)
  (include_once_expression)
] @import

(function_definition name: (_) @name) @function @documentable @testable
(method_declaration name: (_) @name) @function @documentable @testable
[(anonymous_function) (arrow_function)] @function

(class_declaration name: (_) @name) @class @documentable
(interface_declaration name: (_) @name) @class @documentable
(trait_declaration name: (_) @name) @class @documentable
(enum_declaration name: (_) @name) @class @documentable

(const_declaration (const_element . (name) @name)) @definition @documentable
(property_declaration (property_element name: (_) @name)) @definition @documentable
(enum_case name: (_) @name) @definition @documentable
