//! The result of an examination: the findings, as data and as text.

use std::fmt;

use serde::Serialize;

use crate::text::{grouped, one_line, plural};

/// A summary of a table, and all findings about it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Examination {
    /// The number of rows.
    pub rows: usize,
    /// The number of columns that become inputs.
    pub columns: usize,
    /// The number of inputs that they become.
    pub inputs: usize,
    /// The name of the column to predict.
    pub label: String,
    /// Class 0 and class 1.
    pub classes: [Class; 2],
    /// The possible problems.
    pub findings: Vec<Finding>,
}

/// One of the two classes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Class {
    /// The value of the label.
    pub name: String,
    /// The number of rows.
    pub count: usize,
    /// The fraction of all rows, from 0 to 1.
    #[serde(rename = "share")]
    pub fraction: f64,
}

/// A possible problem of a table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// The kind of problem.
    pub kind: FindingKind,
    /// The columns or inputs that have the problem. Empty if rows have it.
    pub columns: Vec<String>,
    /// The problem in words.
    pub sentence: String,
}

/// The kinds of problems.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// Columns whose names are decimals: the header may be missing.
    DecimalNames,
    /// Inputs with the same value in every row.
    Constant,
    /// Inputs with the same value in every training row, but not in all other rows.
    #[serde(rename = "untrained")]
    ConstantInTraining,
    /// Columns with at least ten categories, and more than one for every two rows, and columns of numbers that look like row
    /// numbers or identifiers.
    Identifier,
    /// Rows that are equal to an earlier row, label included.
    Duplicates,
    /// Rows that were left out because they have no label.
    #[serde(rename = "unlabelled")]
    UnlabelledRows,
    /// Rows at the end of the table that were left out because all their cells are empty.
    EmptyRows,
    /// Values of the label, or categories, that look alike. They may be meant as one value.
    Alike,
    /// Values of the label, or categories, that are one number in two spellings, and so one value.
    Respelled,
    /// Numbers with more digits than an f64 keeps, or numbers that become equal in the float type that computes.
    LostDigits,
    /// Numbers such as -999 that are far from the others, and texts such as #DIV/0!, that may stand for a missing value.
    Sentinel,
    /// Missing values that were filled in.
    #[serde(rename = "filled")]
    Imputed,
    /// A column whose missing values tell the label.
    Missingness,
    /// A column that separates the classes nearly perfectly by itself.
    #[serde(rename = "gives_label_away")]
    Leakage,
    /// Columns with a mean or a standard deviation far from unit scale, when inputs are not standardised.
    Scale,
    /// A class that is rare.
    Imbalance,
    /// Validation or test samples with only few rows of a class.
    FewRows,
    /// Values that become 0 in the float type that computes.
    Underflow,
}

impl FindingKind {
    /// The heading of a finding in the text form.
    fn heading(self) -> &'static str {
        match self {
            Self::DecimalNames => "header",
            Self::Constant => "constant",
            Self::ConstantInTraining => "untrained",
            Self::Identifier => "identifier",
            Self::Duplicates => "duplicates",
            Self::UnlabelledRows => "no label",
            Self::EmptyRows => "empty rows",
            Self::Alike => "alike",
            Self::Respelled => "spelling",
            Self::LostDigits => "lost digits",
            Self::Sentinel => "placeholder",
            Self::Imputed => "filled in",
            Self::Missingness => "missing tells",
            Self::Leakage => "leakage",
            Self::Scale => "scale",
            Self::Imbalance => "imbalance",
            Self::FewRows => "few rows",
            Self::Underflow => "underflow",
        }
    }
}

impl fmt::Display for Examination {
    /// Writes lines in two columns, without a line end after the last.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rows, columns, inputs, label, classes: [zero, one], findings } = self;
        let counted = |count: usize, word| format!("{} {}", grouped(count), plural(count, word));
        let class = |number: usize, class: &Class| {
            format!("class {number} is {:?}, {} ({})", class.name, grouped(class.count), percent(class.fraction))
        };

        writeln!(
            f,
            "Table            {}, {}, {}",
            counted(*rows, "row"),
            counted(*columns, "column"),
            counted(*inputs, "input")
        )?;
        write!(f, "Label            {}: {}, {}", one_line(label), class(0, zero), class(1, one))?;
        for Finding { kind, sentence, .. } in findings {
            write!(f, "\n{:<16} {sentence}", kind.heading())?;
        }
        if findings.is_empty() { write!(f, "\nFindings         none") } else { Ok(()) }
    }
}

/// A fraction as a percentage. Only 0 is shown as `0.0 %`, and only 1 as `100.0 %`.
pub(super) fn percent(fraction: f64) -> String {
    if fraction > 0.0 && fraction < 0.000_5 {
        "under 0.1 %".into()
    } else if (0.999_5..1.0).contains(&fraction) {
        "over 99.9 %".into()
    } else {
        format!("{:.1} %", 100.0 * fraction)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fraction_between_0_and_1_is_never_rounded_to_0_or_100_percent() {
        let percentages = [0.0, 1e-9, 0.000_6, 0.123_4, 0.9994, 0.999_9, 1.0].map(percent);
        assert_eq!(percentages, ["0.0 %", "under 0.1 %", "0.1 %", "12.3 %", "99.9 %", "over 99.9 %", "100.0 %"]);
    }
}
