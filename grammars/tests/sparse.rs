//! Tables in fewer bytes: how they are written, and that they are what is linked.

#[path = "../build/sparse.rs"]
mod rewriting;

use std::time::Duration;

use nextline_grammars::{Language, Syntax, whole};
use rewriting::sparse;

/// As the generator writes it, without what the tables do not reach.
const PARSER: &str = "\
#define STATE_COUNT 6
#define LARGE_STATE_COUNT 4
#define SYMBOL_COUNT 5

static const uint16_t ts_parse_table[LARGE_STATE_COUNT][SYMBOL_COUNT] = {
  [STATE(0)] = {
    [sym_a] = STATE(0),
    [sym_b] = ACTIONS(1),
  },
  [STATE(1)] = {
    [sym_a] = STATE(4),
  },
  [STATE(2)] = {
    [sym_a] = STATE(3),
    [anon_sym_LPAREN] = ACTIONS(7),
    [sym_b] = STATE(0),
    [aux_sym_c1] = ACTIONS(9),
    [sym_d] = ACTIONS(7),
  },
  [3] = {
  },
};

static const uint16_t ts_small_parse_table[] = {
  [0] = 2,
    ACTIONS(5), 1,
      sym_a,
    STATE(4), 2,
      sym_b,
      sym_d,
  [8] = 1,
    ACTIONS(3), 1,
      ts_builtin_sym_end,
};

static const uint32_t ts_small_parse_table_map[] = {
  [SMALL_STATE(4)] = 0,
  [SMALL_STATE(5)] = 8,
};

static const TSParseActionEntry ts_parse_actions[] = {
";

const SPARSE: &str = "\
#define STATE_COUNT 6
#define LARGE_STATE_COUNT 2
#define SYMBOL_COUNT 5

static const uint16_t ts_parse_table[LARGE_STATE_COUNT][SYMBOL_COUNT] = {
  [STATE(0)] = {
    [sym_a] = STATE(0),
    [sym_b] = ACTIONS(1),
  },
  [STATE(1)] = {
    [sym_a] = STATE(4),
  },
};

static const uint16_t ts_small_parse_table[] = {
  [0] = 2,
    ACTIONS(5), 1,
      sym_a,
    STATE(4), 2,
      sym_b,
      sym_d,
  [8] = 1,
    ACTIONS(3), 1,
      ts_builtin_sym_end,
  [12] = 3,STATE(3),1,sym_a,ACTIONS(9),1,aux_sym_c1,ACTIONS(7),2,anon_sym_LPAREN,sym_d,
  [23] = 0,
};

static const uint32_t ts_small_parse_table_map[] = {
  [SMALL_STATE(2)] = 12,
  [SMALL_STATE(3)] = 23,
  [SMALL_STATE(4)] = 0,
  [SMALL_STATE(5)] = 8,
};

static const TSParseActionEntry ts_parse_actions[] = {
";

#[test]
fn rows_become_sparse() {
    assert_eq!(sparse(PARSER).as_deref(), Ok(SPARSE));
    // Of what is sparse already, nothing is left to do.
    assert!(sparse(SPARSE).is_err());
}

/// What is not as the generator writes it is refused, never guessed at.
#[test]
fn other_texts_are_refused() {
    for (change, to, why) in [
        (
            "#define LARGE_STATE_COUNT 4",
            "#define LARGE 4",
            "no \"#define LARGE_STATE_COUNT\"",
        ),
        ("LARGE_STATE_COUNT 4", "LARGE_STATE_COUNT 5", "4 rows of 5"),
        (
            "LARGE_STATE_COUNT 4",
            "LARGE_STATE_COUNT (4)",
            "4 rows of (4)",
        ),
        ("[STATE(2)]", "[STATE(3)]", "no row 2"),
        ("[3]", "[4]", "no row 3"),
        ("ACTIONS(9)", "ACTIONS(-9)", "no row 2"),
        ("ACTIONS(9)", "ACTIONS(65536)", "no row 2"),
        ("ACTIONS(9)", "9", "no row 2"),
        ("[aux_sym_c1] = ", "", "no row 2"),
        ("[8] = 1", "[9] = 1", "no sparse row at 8"),
        ("      sym_b,\n", "", "no sparse row at 7"),
        (
            "ts_small_parse_table[]",
            "ts_other[]",
            "no \"ts_small_parse_table[] = {\"",
        ),
        (
            "uint32_t ts_small_parse_table_map[]",
            "uint32_t map[]",
            "no \"ts_small_parse_table_map[] = {\"",
        ),
    ] {
        assert!(PARSER.contains(change), "{change}");
        let text = PARSER.replacen(change, to, 1);
        assert_eq!(sparse(&text), Err(why.to_owned()), "{change} as {to}");
    }
    assert!(sparse("").is_err());
    // Cut off anywhere before the last table is found.
    let end = PARSER.find("_map[] = {\n").unwrap_or_default();
    assert!((0..end).all(|end| sparse(&PARSER[..end]).is_err()));
}

/// A dense row is walked from symbol to symbol, a sparse one from group to group: of the states that the grammars' own tables hold in
/// dense rows, a walk that is out of order shows that those tables are not the ones in this program.
#[cfg(target_os = "linux")]
#[test]
fn what_is_linked_is_sparse() {
    for id in [
        "csharp",
        "cpp",
        "kotlin",
        "scala",
        "swift",
        "typescript",
        "tsx",
    ] {
        let language = Language::by_id(id).expect(id);
        if !language.has_grammar() {
            continue;
        }
        let syntax = Syntax::parse(language, whole(""), Duration::MAX).expect(id);
        let language = syntax.tree().language();
        let ordered = |state| {
            language
                .lookahead_iterator(state)
                .is_some_and(|symbols| symbols.is_sorted())
        };
        assert!(ordered(1), "{id}: the first rows are dense");
        assert!(
            (2..100).any(|state| !ordered(state)),
            "{id} has its own tables"
        );
    }
}
