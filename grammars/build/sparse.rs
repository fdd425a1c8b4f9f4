//! Parse tables in fewer bytes.
//!
//! A generated parser holds a table of parse states by symbols. The rows of its busier states are *dense*, one number for each symbol of
//! the language, and nine numbers in ten are zero there; those of the others are *sparse*: how many groups, then for each group its value,
//! how many symbols have it, and which. The library reads both and tells them apart by the number of the state alone, so the text of a
//! parser with more of its rows sparse is the same parser.

/// The rows that stay dense: the one for recovery from errors, and the one that a text begins in.
const DENSE: usize = 2;

const TABLE: &str = "ts_parse_table[LARGE_STATE_COUNT][SYMBOL_COUNT] = {\n";
const SMALL: &str = "ts_small_parse_table[] = {\n";
const MAP: &str = "ts_small_parse_table_map[] = {\n";
const COUNT: &str = "#define LARGE_STATE_COUNT ";

/// The text of a generated parser with all rows sparse but the first two.
///
/// What is not written as the generator writes it, is refused with a word about what was missing.
pub fn sparse(source: &str) -> Result<String, String> {
    let (head, rest) = cut(source, COUNT)?;
    let (count, rest) = cut(rest, "\n")?;
    let (between, rest) = cut(rest, TABLE)?;
    let (table, rest) = cut(rest, "\n};\n")?;
    let (before_small, rest) = cut(rest, SMALL)?;
    let (small, rest) = cut(rest, "};\n")?;
    let (before_map, tail) = cut(rest, MAP)?;
    let rows: Vec<&str> = table.split_inclusive("\n  },").collect();
    if count.parse() != Ok(rows.len()) || rows.len() <= DENSE {
        return Err(format!("{} rows of {count}", rows.len()));
    }
    let (dense, rows) = rows.split_at(DENSE);
    let mut at = words(small)?;
    let (mut added, mut places) = (String::new(), String::new());
    for (state, row) in (DENSE..).zip(rows) {
        let cells = cells(state, row)?;
        let row = groups(&cells);
        if !holds(&row, &cells) {
            return Err(format!("another row {state}"));
        }
        added += &format!("  [{at}] = {},\n", row.join(","));
        places += &format!("  [SMALL_STATE({state})] = {at},\n");
        at += row.len();
    }
    let dense = dense.concat();
    Ok([
        head,
        COUNT,
        &DENSE.to_string(),
        "\n",
        between,
        TABLE,
        &dense,
        "\n};\n",
        before_small,
        SMALL,
        small,
        &added,
        "};\n",
        before_map,
        MAP,
        &places,
        tail,
    ]
    .concat())
}

/// The text before and after the first `mark`.
fn cut<'t>(text: &'t str, mark: &str) -> Result<(&'t str, &'t str), String> {
    let cut = text.split_once(mark);
    cut.ok_or_else(|| format!("no {:?}", mark.trim()))
}

/// How many numbers the sparse rows hold; each of them starts with its place among them.
fn words(small: &str) -> Result<usize, String> {
    let mut words = 0;
    for line in small.lines() {
        let place = line.trim_start().strip_prefix('[');
        if place.is_some_and(|place| !place.starts_with(&format!("{words}]"))) {
            return Err(format!("no sparse row at {words}"));
        }
        words += line.matches(',').count();
    }
    Ok(words)
}

/// The symbols of a dense row with their values, as they are written.
fn cells(state: usize, row: &str) -> Result<Vec<(&str, &str)>, String> {
    let wrong = || format!("no row {state}");
    let mut lines = row.trim().lines();
    let first = lines.next().unwrap_or_default();
    if first != format!("[{state}] = {{") && first != format!("[STATE({state})] = {{") {
        return Err(wrong());
    }
    let mut cells = Vec::new();
    for line in lines.take_while(|line| line.trim() != "},") {
        let cell = line
            .trim()
            .strip_prefix('[')
            .and_then(|it| it.strip_suffix(','));
        let (symbol, value) = cell
            .and_then(|it| it.split_once("] = "))
            .ok_or_else(wrong)?;
        let number = value.strip_suffix(')').and_then(|it| it.split_once('('));
        let number = number
            .and_then(|(_, number)| number.parse::<u16>().ok())
            .ok_or_else(wrong)?;
        // Zero is what a sparse row says of a symbol that it does not name.
        if number != 0 {
            cells.push((symbol, value));
        }
    }
    Ok(cells)
}

/// A sparse row, number by number: the symbols under their values.
fn groups(cells: &[(&str, &str)]) -> Vec<String> {
    let mut cells: Vec<_> = cells
        .iter()
        .map(|&(symbol, value)| (value, symbol))
        .collect();
    cells.sort_by_key(|&(value, _)| value);
    let mut groups: Vec<_> = cells.chunk_by(|left, right| left.0 == right.0).collect();
    // What is looked for is most often the state after a node, and next one of the symbols that share their value with few others.
    groups.sort_by_key(|group| (!group[0].0.starts_with("STATE"), group.len()));
    let mut row = vec![groups.len().to_string()];
    for group in groups {
        row.push(group[0].0.to_owned());
        row.push(group.len().to_string());
        row.extend(group.iter().map(|&(_, symbol)| symbol.to_owned()));
    }
    row
}

/// Whether a sparse row, read as the library reads it, holds these cells and no others.
fn holds(row: &[String], cells: &[(&str, &str)]) -> bool {
    let (mut found, mut groups, mut rest) = (Vec::new(), 0, row.get(1..).unwrap_or_default());
    while let [value, count, after @ ..] = rest {
        let Some((symbols, after)) = count
            .parse()
            .ok()
            .and_then(|count| after.split_at_checked(count))
        else {
            return false;
        };
        found.extend(
            symbols
                .iter()
                .map(|symbol| (symbol.as_str(), value.as_str())),
        );
        (groups, rest) = (groups + 1, after);
    }
    let mut cells = cells.to_vec();
    cells.sort_unstable();
    found.sort_unstable();
    found == cells && rest.is_empty() && row.first() == Some(&groups.to_string())
}
