; Comments and literal text.
[(comment) (multiline_comment)] @comment
[
  (line_string_literal)
  (multi_line_string_literal)
  (raw_string_literal)
  (regex_literal)
] @string
(interpolated_expression) @interpolation

; What holds statements, members or cases. A statement's own brackets are its children.
[
  (function_body)
  (class_body)
  (enum_class_body)
  (protocol_body)
  (lambda_literal)
  (computed_property)
] @block
(statements) @statements
(if_statement "{" @open . "}" @close) @block
(for_statement "{" @open "}" @close) @block
(while_statement "{" @open "}" @close) @block
(do_statement "{" @open . "}" @close) @block
(switch_statement "{" @open "}" @close) @block

(import_declaration) @import

(function_declaration name: (simple_identifier) @name) @function @documentable @testable
(protocol_function_declaration name: (simple_identifier) @name) @function @documentable
(init_declaration "init" @name) @function @documentable @testable
(deinit_declaration "deinit" @name) @function @documentable
[(lambda_literal) (computed_property)] @function

(class_declaration name: (_) @name) @class @documentable
(protocol_declaration name: (_) @name) @class @documentable

(property_declaration name: (pattern bound_identifier: (_) @name)) @definition @documentable
(typealias_declaration . name: (_) @name) @definition @documentable
(enum_entry name: (simple_identifier) @name) @definition @documentable
