; Code is the literal text of prose.
[(fenced_code_block) (indented_code_block)] @string
(html_block) @comment

; What holds paragraphs.
[(section) (list_item) (block_quote)] @block

(section . (atx_heading heading_content: (_) @name)) @definition
(section . (setext_heading heading_content: (_) @name)) @definition
