; Comments and literal text.
[(line_comment) (block_comment)] @comment
[(string_literal) (multiline_string_literal) (character_literal)] @string
(interpolation) @interpolation

; What holds statements or members.
[(block) (class_body) (enum_class_body) (lambda_literal)] @block
(when_expression "{" @open "}" @close) @block

(import) @import

(function_declaration name: (_) @name (function_body)? @body) @function @documentable @testable
(secondary_constructor) @function @documentable
[(lambda_literal) (anonymous_function)] @function

(class_declaration name: (_) @name [(class_body) (enum_class_body)]? @body) @class @documentable
(object_declaration name: (_) @name (class_body)? @body) @class @documentable
(companion_object (class_body)) @class

(property_declaration (variable_declaration . (identifier) @name)) @definition @documentable
(type_alias type: (_) @name) @definition @documentable
(enum_entry . (identifier) @name) @definition @documentable
