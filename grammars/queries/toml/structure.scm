; Comments and literal text.
(comment) @comment
(string) @string

; A table ends where the next one begins.
(table "]" @open) @block
(table_array_element "]]" @open) @block
[(array) (inline_table)] @block

(table . "[" . (_) @name) @definition
(table_array_element . "[[" . (_) @name) @definition
(document (pair . (_) @name) @definition)
