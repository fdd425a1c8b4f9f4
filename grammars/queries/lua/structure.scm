; Comments and literal text.
(comment) @comment
(string) @string

; A body that is empty has no node of its own, so the construct is the block: from its head to its end.
(table_constructor) @block
(block) @statements
(function_declaration parameters: (_) @open "end" @close) @block
(function_definition parameters: (_) @open "end" @close) @block
(if_statement "then" @open "end" @close) @block
(elseif_statement "then" @open) @block
(else_statement "else" @open) @block
(for_statement "do" @open "end" @close) @block
(while_statement "do" @open "end" @close) @block
(do_statement "do" @open "end" @close) @block
(repeat_statement "repeat" @open "until" @close) @block

(function_declaration
  name: [
    (identifier) @name
    (dot_index_expression field: (_) @name)
    (method_index_expression method: (_) @name)
  ]) @function @documentable @testable
(assignment_statement
  (variable_list . name: [
    (identifier) @name
    (dot_index_expression field: (_) @name)
  ])
  (expression_list . value: (function_definition body: (_) @body))) @function @documentable @testable
(function_definition) @function

(variable_declaration (assignment_statement (variable_list . name: (identifier) @name))) @definition
