; Comments and literal text.
(comment) @comment
[
  (string_literal)
  (verbatim_string_literal)
  (raw_string_literal)
  (interpolated_string_expression)
  (character_literal)
] @string
(interpolation) @interpolation

; What holds statements, members, accessors or sections.
[
  (block)
  (declaration_list)
  (enum_member_declaration_list)
  (accessor_list)
  (switch_body)
  (initializer_expression)
] @block

[(using_directive) (extern_alias_directive)] @import

(method_declaration name: (_) @name) @function @documentable @testable
(constructor_declaration name: (_) @name) @function @documentable @testable
(destructor_declaration name: (_) @name) @function @documentable
(local_function_statement name: (_) @name) @function @documentable
[(lambda_expression) (anonymous_method_expression)] @function

(class_declaration name: (_) @name) @class @documentable
(struct_declaration name: (_) @name) @class @documentable
(record_declaration name: (_) @name) @class @documentable
(interface_declaration name: (_) @name) @class @documentable
(enum_declaration name: (_) @name) @class @documentable

(namespace_declaration name: (_) @name) @definition
(delegate_declaration name: (_) @name) @definition @documentable
(property_declaration name: (_) @name accessors: (_)? @body) @definition @documentable
(field_declaration (variable_declaration (variable_declarator name: (_) @name))) @definition @documentable
(enum_member_declaration name: (_) @name) @definition @documentable
