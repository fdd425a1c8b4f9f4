; Comments and literal text.
(comment) @comment
[(interpreted_string_literal) (raw_string_literal) (rune_literal)] @string

; What holds statements, fields, methods, specs or cases.
[(block) (field_declaration_list) (literal_value)] @block
(interface_type "{" @open "}" @close) @block
(expression_switch_statement "{" @open "}" @close) @block
(type_switch_statement "{" @open "}" @close) @block
(select_statement "{" @open "}" @close) @block
[(import_spec_list) (var_spec_list)] @block
(statement_list) @statements

(import_declaration) @import

(function_declaration name: (_) @name) @function @documentable @testable
(method_declaration name: (_) @name) @function @documentable @testable
(func_literal) @function

(type_declaration (type_spec name: (_) @name type: (struct_type) @body) @class @documentable)
(type_declaration (type_spec name: (_) @name type: (interface_type) @body) @class @documentable)
(type_spec name: (_) @name) @definition @documentable
(type_alias name: (_) @name) @definition @documentable
(method_elem name: (_) @name) @function @documentable
(const_spec name: (identifier) @name) @definition @documentable
(var_spec name: (identifier) @name) @definition @documentable
