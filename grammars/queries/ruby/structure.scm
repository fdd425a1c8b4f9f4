; Comments and literal text.
(comment) @comment
[
  (string)
  (heredoc_body)
  (regex)
  (delimited_symbol)
  (string_array)
  (symbol_array)
  (subshell)
] @string
(interpolation) @interpolation

; A body that is empty has no node of its own, so the definition is the block: from its head to its end.
[(do_block) (block) (begin) (then) (hash)] @block
[(body_statement) (block_body)] @statements
(method name: (_) @open parameters: (_)? @open "end" @close) @block
(singleton_method name: (_) @open parameters: (_)? @open "end" @close) @block
(class name: (_) @open superclass: (_)? @open "end" @close) @block
(module name: (_) @open "end" @close) @block

(method name: (_) @name) @function @documentable @testable
(singleton_method name: (_) @name) @function @documentable @testable
(lambda) @function

(class name: (_) @name) @class @documentable
(module name: (_) @name) @class @documentable
(assignment left: (constant) @name) @definition @documentable
