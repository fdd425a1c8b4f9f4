; Comments and literal text.
[(comment) (html_comment)] @comment
[(string) (template_string) (regex) (jsx_text)] @string
[(template_substitution) (jsx_expression)] @interpolation

; What holds statements, members or cases.
[(statement_block) (class_body) (switch_body) (object)] @block
(jsx_element
  open_tag: (_) @open
  close_tag: (_) @close) @block

(import_statement) @import

(function_declaration name: (_) @name) @function @documentable @testable
(generator_function_declaration name: (_) @name) @function @documentable @testable
(method_definition name: (_) @name) @function @documentable @testable
[(arrow_function) (function_expression) (generator_function)] @function

; A variable, member or property that holds a function is a function; its body is the function's.
(variable_declarator
  name: (identifier) @name
  value: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)
  ]) @function @documentable @testable
(assignment_expression
  left: (member_expression property: (_) @name)
  right: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)
  ]) @function @documentable @testable
(field_definition
  property: (_) @name
  value: (arrow_function body: (_) @body)) @function @documentable @testable

(class_declaration name: (_) @name) @class @documentable

(lexical_declaration (variable_declarator name: (identifier) @name) @definition)
