; Comments and literal text.
(comment) @comment
[(string) (raw_string) (ansi_c_string) (heredoc_body)] @string
[(command_substitution) (expansion) (simple_expansion) (arithmetic_expansion)] @interpolation

; What holds commands.
[(compound_statement) (do_group) (subshell)] @block
(if_statement "then" @open "fi" @close) @block
(case_statement "in" @open "esac" @close) @block

(function_definition name: (_) @name) @function @documentable @testable
(variable_assignment name: (variable_name) @name) @definition
