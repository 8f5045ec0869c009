//! Which synapses each source has: compressed rows, sorted by source, within a row in order of creation.
//!
//! Two frequent shapes take no list of synapses: one synapse per source in order (*identity*), and synapses created source by
//! source (*contiguous*). Memory: 4 bytes per source, and 4 per synapse in the general shape.

/// The synapses of each source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows {
    sources: u32,
    synapses: u32,
    shape: Shape,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Shape {
    Identity,
    Contiguous {
        starts: Vec<u32>,
    },
    General {
        starts: Vec<u32>,
        synapses: Vec<u32>,
    },
}

/// Connections that cannot be held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowsError {
    /// A synapse's source does not exist.
    #[error("synapse {synapse} has source {source_index}, but there are {sources} sources")]
    Source {
        /// The synapse.
        synapse: usize,
        /// Its source.
        source_index: u32,
        /// Number of sources.
        sources: u32,
    },
    /// More synapses than 32-bit numbers can name.
    #[error("{0} synapses are more than one pathway can have (4294967295)")]
    TooMany(usize),
}

impl Rows {
    /// The rows of synapses that come from `source_of[synapse]`.
    ///
    /// # Errors
    /// A source that is not below `sources`, or too many synapses.
    pub fn new(sources: u32, source_of: &[u32]) -> Result<Rows, RowsError> {
        Rows::of_part(0, sources, source_of)
    }

    /// The rows of synapses that come from `source_of[synapse]`, counted from `first`.
    ///
    /// # Errors
    /// A source that is not among the `sources` from `first` on, or too many synapses.
    pub fn of_part(first: u32, sources: u32, source_of: &[u32]) -> Result<Rows, RowsError> {
        let relative = |s: &u32| s.wrapping_sub(first);
        let count =
            u32::try_from(source_of.len()).map_err(|_| RowsError::TooMany(source_of.len()))?;
        if let Some(synapse) = source_of.iter().position(|s| relative(s) >= sources) {
            let source_index = source_of.get(synapse).map_or(0, relative);
            return Err(RowsError::Source {
                synapse,
                source_index,
                sources,
            });
        }
        if count == sources && (0..).zip(source_of).all(|(k, s)| k == relative(s)) {
            return Ok(Rows {
                sources,
                synapses: count,
                shape: Shape::Identity,
            });
        }
        let mut starts = vec![0u32; sources as usize + 1];
        for s in source_of {
            starts[relative(s) as usize + 1] += 1;
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let shape = if source_of.is_sorted() {
            Shape::Contiguous { starts }
        } else {
            let mut next = starts.clone();
            let mut synapses = vec![0; source_of.len()];
            for (synapse, s) in (0..).zip(source_of) {
                let place = &mut next[relative(s) as usize];
                synapses[*place as usize] = synapse;
                *place += 1;
            }
            Shape::General { starts, synapses }
        };
        Ok(Rows {
            sources,
            synapses: count,
            shape,
        })
    }

    /// Number of sources.
    #[must_use]
    pub fn sources(&self) -> u32 {
        self.sources
    }

    /// Number of synapses.
    #[must_use]
    pub fn synapses(&self) -> u32 {
        self.synapses
    }

    /// Whether synapse k comes from source k and every source has one.
    #[must_use]
    pub fn is_identity(&self) -> bool {
        self.shape == Shape::Identity
    }

    /// Bytes held.
    #[must_use]
    pub fn bytes(&self) -> usize {
        4 * match &self.shape {
            Shape::Identity => 0,
            Shape::Contiguous { starts } => starts.len(),
            Shape::General { starts, synapses } => starts.len() + synapses.len(),
        }
    }

    /// Where the synapses of each source begin and end, and the synapses themselves, if they are not simply numbered so; `None` if
    /// every source has one.
    pub(crate) fn ranges(&self) -> Option<(&[u32], Option<&[u32]>)> {
        match &self.shape {
            Shape::Identity => None,
            Shape::Contiguous { starts } => Some((starts, None)),
            Shape::General { starts, synapses } => Some((starts, Some(synapses))),
        }
    }

    /// Whether synapses are numbered source by source.
    #[must_use]
    pub fn is_contiguous(&self) -> bool {
        matches!(self.shape, Shape::Contiguous { .. })
    }

    /// Appends the synapses of these sources, in their order; sources that do not exist have none.
    pub(crate) fn expand(&self, sources: impl Iterator<Item = u32>, out: &mut Vec<u32>) {
        match &self.shape {
            Shape::Identity => out.extend(sources.filter(|s| *s < self.sources)),
            Shape::Contiguous { starts } => {
                for s in sources {
                    if let Some([from, to]) = starts.get(s as usize..s as usize + 2) {
                        out.extend(*from..*to);
                    }
                }
            }
            Shape::General { starts, synapses } => {
                for s in sources {
                    if let Some([from, to]) = starts.get(s as usize..s as usize + 2) {
                        out.extend_from_slice(&synapses[*from as usize..*to as usize]);
                    }
                }
            }
        }
    }

    /// Calls `f` with each synapse of these sources.
    pub(crate) fn each(&self, sources: impl Iterator<Item = u32>, mut f: impl FnMut(u32)) {
        match &self.shape {
            Shape::Identity => sources.filter(|s| *s < self.sources).for_each(f),
            Shape::Contiguous { starts } => {
                for s in sources {
                    if let Some([from, to]) = starts.get(s as usize..s as usize + 2) {
                        (*from..*to).for_each(&mut f);
                    }
                }
            }
            Shape::General { starts, synapses } => {
                for s in sources {
                    if let Some([from, to]) = starts.get(s as usize..s as usize + 2) {
                        synapses[*from as usize..*to as usize]
                            .iter()
                            .for_each(|k| f(*k));
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(rows: &Rows, sources: &[u32]) -> Vec<u32> {
        let (mut a, mut b) = (Vec::new(), Vec::new());
        rows.expand(sources.iter().copied(), &mut a);
        rows.each(sources.iter().copied(), |k| b.push(k));
        assert_eq!(a, b);
        a
    }

    #[test]
    fn the_three_shapes() {
        let identity = Rows::new(3, &[0, 1, 2]).unwrap();
        assert!(identity.is_identity());
        assert_eq!(row(&identity, &[2, 0]), [2, 0]);

        let contiguous = Rows::new(4, &[0, 0, 2, 3, 3]).unwrap();
        assert!(!contiguous.is_identity());
        assert_eq!(contiguous.bytes(), 20);
        assert_eq!(row(&contiguous, &[0, 1, 3]), [0, 1, 3, 4]);

        let general = Rows::new(3, &[2, 0, 2, 1, 0]).unwrap();
        assert_eq!(row(&general, &[0, 2]), [1, 4, 0, 2]);
        assert_eq!(row(&general, &[1, 7]), [3]);

        assert!(Rows::new(2, &[0, 2]).is_err());
        assert!(row(&Rows::new(2, &[]).unwrap(), &[0, 1]).is_empty());
    }
}
