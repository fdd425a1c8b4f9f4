; Comments and literal text.
(comment) @comment
[(quoted_attribute_value) (text)] @string

; Between a start tag and its end tag.
(element (start_tag) @open (end_tag) @close) @block
(script_element (start_tag) @open (end_tag) @close) @block
(style_element (start_tag) @open (end_tag) @close) @block

; Every element with a start tag of its own; the caller sees how deep they nest by their ranges.
(element (start_tag (tag_name) @name)) @definition
(script_element (start_tag (tag_name) @name)) @definition
(style_element (start_tag (tag_name) @name)) @definition
