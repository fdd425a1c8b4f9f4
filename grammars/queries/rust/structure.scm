; Comments and literal text.
[(line_comment) (block_comment)] @comment
[(string_literal) (raw_string_literal) (char_literal)] @string

; What holds statements, items, fields or arms.
[
  (block)
  (declaration_list)
  (field_declaration_list)
  (enum_variant_list)
  (match_block)
] @block

[(use_declaration) (extern_crate_declaration)] @import

(function_item name: (_) @name) @function @documentable @testable
(function_signature_item name: (_) @name) @function @documentable
(closure_expression) @function

(struct_item name: (_) @name) @class @documentable
(enum_item name: (_) @name) @class @documentable
(union_item name: (_) @name) @class @documentable
(trait_item name: (_) @name) @class @documentable
(impl_item type: (_) @name) @class

(mod_item name: (_) @name) @definition @documentable
(const_item name: (_) @name) @definition @documentable
(static_item name: (_) @name) @definition @documentable
(type_item name: (_) @name) @definition @documentable
(macro_definition name: (_) @name) @definition @documentable
[(field_declaration) (enum_variant)] @documentable
