//! Rows of the report.

/// Measurements of one thing.
#[derive(Debug, Clone, Default)]
pub struct Samples(Vec<f64>);

impl FromIterator<f64> for Samples {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Samples {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        Samples(values)
    }
}

impl Samples {
    /// The value below which `part` (0 to 1) of the samples lie.
    pub fn at(&self, part: f64) -> f64 {
        let last = self.0.len().saturating_sub(1);
        self.0
            .get((part * self.0.len() as f64) as usize)
            .or(self.0.get(last))
            .copied()
            .unwrap_or(f64::NAN)
    }
}

/// One row of distributions beside their floor.
pub fn row(what: &str, unit: &str, floor: &Samples, ours: &Samples) {
    let ratio = ours.at(0.5) / floor.at(0.5);
    println!(
        "  {what:<44} floor {:>9.3}  ours p50 {:>9.3}  p95 {:>9.3}  p99 {:>9.3} {unit}  x{ratio:.2}  +{:.3}",
        floor.at(0.5),
        ours.at(0.5),
        ours.at(0.95),
        ours.at(0.99),
        ours.at(0.5) - floor.at(0.5),
    );
}

/// One row of single figures.
pub fn figure(what: &str, unit: &str, floor: f64, ours: f64) {
    println!(
        "  {what:<44} floor {floor:>9.3}  ours {ours:>9.3} {unit}  x{:.2}",
        ours / floor
    );
}
