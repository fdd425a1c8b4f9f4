; What JSX adds to TypeScript.
(jsx_text) @string
(jsx_element
  open_tag: (_) @open
  close_tag: (_) @close) @block
(jsx_expression) @interpolation
