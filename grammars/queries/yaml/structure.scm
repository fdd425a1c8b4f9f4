; Comments and literal text.
(comment) @comment
[(double_quote_scalar) (single_quote_scalar) (block_scalar)] @string

; Blocks have no brackets unless they are in flow style.
[(block_mapping) (block_sequence) (flow_mapping) (flow_sequence)] @block

; The outline goes two keys deep.
(document
  (block_node (block_mapping
    (block_mapping_pair key: (_) @name value: (_)? @body) @definition)))
(document
  (block_node (block_mapping
    (block_mapping_pair value: (block_node (block_mapping
      (block_mapping_pair key: (_) @name value: (_)? @body) @definition))))))
