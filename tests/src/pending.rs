//! What does not pass yet.

use crate::Ended;

/// Models that do not pass yet by name, and what is missing.
#[derive(Clone, Copy, Debug)]
pub struct Pending(pub &'static [(&'static str, &'static str)]);

impl Pending {
    /// What is missing for this model.
    pub fn missing(&self, name: &str) -> Option<&'static str> {
        self.0
            .iter()
            .find(|(n, _)| *n == name)
            .map(|(_, missing)| *missing)
    }

    /// Names that are no models.
    pub fn unknown(&self, models: &[String]) -> Vec<&'static str> {
        let names = self.0.iter().map(|(name, _)| *name);
        names
            .filter(|name| !models.iter().any(|m| m == name))
            .collect()
    }

    /// Judges a model by how its run ended and what `judge` says of what it gave, which is `Err` if it is not right.
    ///
    /// # Errors
    /// Why the test fails. One of the list fails if it passes, and also if it fails without a message for its user.
    pub fn judge(
        &self,
        name: &str,
        ended: Ended,
        judge: impl FnOnce(dslsim::Finished) -> Result<(), String>,
    ) -> Result<(), String> {
        let crashed = !matches!(ended, Ended::Finished(_));
        let refused = matches!(&ended, Ended::Finished(f) if f.diagnostics.has_errors());
        let judged = ended.done().and_then(judge);
        match (self.missing(name), judged) {
            (None, judged) => judged,
            (Some(_), Ok(())) => Err("passes now: take it out of NOT_YET".into()),
            (Some(_), Err(said)) if crashed => Err(said),
            (Some(_), Err(_)) if refused => Ok(()),
            (Some(missing), Err(said)) => Err(format!(
                "expected a message, because of {missing}; but it runs and gives something else:\n{said}"
            )),
        }
    }
}
