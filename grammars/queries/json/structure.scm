; Comments are an extension that editors allow.
(comment) @comment
(string) @string

[(object) (array)] @block

; The outline goes two keys deep.
(document (object (pair key: (string) @name value: (_) @body) @definition))
(document (object (pair value: (object (pair key: (string) @name value: (_) @body) @definition))))
