; Comments and literal text.
[(comment) (js_comment)] @comment
(string_value) @string

[(block) (keyframe_block_list)] @block

(import_statement) @import

(rule_set (selectors) @name (block) @body) @definition @documentable
(keyframes_statement (keyframes_name) @name (keyframe_block_list) @body) @definition @documentable
(media_statement "@media" @name (block) @body) @definition @documentable
