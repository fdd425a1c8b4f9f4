; Comments and literal text.
(comment) @comment
(string) @string
(interpolation) @interpolation

; A suite: it has no brackets and goes on as long as the indentation does.
(block) @block
[(dictionary) (list)] @block

[(import_statement) (import_from_statement) (future_import_statement)] @import

(function_definition name: (_) @name) @function @documentable @testable
(lambda) @function
(class_definition name: (_) @name) @class @documentable

(expression_statement (assignment left: (identifier) @name) @definition)
(type_alias_statement left: (_) @name) @definition
