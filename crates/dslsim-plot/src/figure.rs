//! A figure: axes on a page, made and changed one call after the other.

use crate::artist::Artist;
use crate::axes::{Aspect, Axes, Axis, BarPlace, ColorBar, GridLines, Label, Place, Side, Spine};
use crate::backend::{self, BackendError, Format};
use crate::color::Rgba;
use crate::grid::{Cell, Grid, Margins};
use crate::style::Style;

/// A figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Width and height in inches.
    pub size: (f64, f64),
    /// Pixels per inch.
    pub dpi: f64,
    /// The defaults when it was made.
    pub style: Style,
    /// Background.
    pub face: Rgba,
    /// Margins and spaces.
    pub margins: Margins,
    /// Grids.
    pub grids: Vec<Grid>,
    /// Axes; removed ones are invisible.
    pub axes: Vec<Axes>,
    /// Texts, in fractions of the figure.
    pub texts: Vec<Artist>,
    /// The title of all, and its place as fractions of the figure.
    pub suptitle: Option<(Label, (f64, f64))>,
    /// Common labels of all axes, below and at the left.
    pub suplabels: (Option<Label>, Option<Label>),
    /// The axes that calls without axes mean.
    pub current: Option<usize>,
    /// Distances of a tight layout, which is renewed when it is drawn: around, between rows, between columns.
    pub tight: Option<(f64, Option<f64>, Option<f64>)>,
}

/// How a figure is written.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Saving {
    /// Pixels per inch, if not the figure's.
    pub dpi: Option<f64>,
    /// Whether the page is cut to what is drawn, with this margin in inches.
    pub tight: Option<f64>,
    /// Whether backgrounds are left out.
    pub transparent: bool,
    /// Another background.
    pub face: Option<Rgba>,
}

impl Figure {
    /// An empty figure.
    pub fn new(style: &Style, size: Option<(f64, f64)>, dpi: Option<f64>) -> Figure {
        Figure {
            size: size.unwrap_or(style.figsize),
            dpi: dpi.unwrap_or(style.dpi),
            style: style.clone(),
            face: Rgba::WHITE,
            margins: Margins::default(),
            grids: Vec::new(),
            axes: Vec::new(),
            texts: Vec::new(),
            suptitle: None,
            suplabels: (None, None),
            current: None,
            tight: None,
        }
    }

    /// New axes, which become the current ones.
    pub fn add_axes(&mut self, place: Place) -> usize {
        let style = &self.style;
        let spine = |visible: bool| Spine {
            visible,
            color: Rgba::BLACK,
            width: style.axes_line,
            outward: 0.0,
            at: None,
        };
        let mut axes = Axes {
            place,
            artists: Vec::new(),
            x: Axis::new(style.tick.0),
            y: Axis::new(style.tick.1),
            titles: [None, None, None],
            spines: style.spines.map(spine),
            on: true,
            visible: true,
            face: Some(Rgba::WHITE),
            aspect: Aspect::Auto,
            box_aspect: None,
            anchor: (0.5, 0.5),
            legend: None,
            bar: None,
            used: (0, 0),
        };
        if style.grid {
            axes.x.grid = Some(GridLines::default());
            axes.y.grid = Some(GridLines::default());
        }
        self.axes.push(axes);
        self.current = Some(self.axes.len() - 1);
        self.axes.len() - 1
    }

    /// A new grid.
    pub fn add_grid(&mut self, grid: Grid) -> usize {
        self.grids.push(grid);
        self.grids.len() - 1
    }

    /// The axes of a cell of a plain grid, as pyplot's `subplot(rows, cols, k)`; those that are there already, or new ones.
    pub fn subplot(&mut self, rows: usize, cols: usize, cell: Cell, reuse: bool) -> usize {
        let same = self.grids.iter().position(|g| *g == Grid::new(rows, cols));
        let grid = same.unwrap_or_else(|| self.add_grid(Grid::new(rows, cols)));
        let place = Place::Cell(grid, cell);
        if reuse
            && let Some(k) = self
                .axes
                .iter()
                .position(|a| a.visible && a.bar.is_none() && unshrunk(&a.place) == &place)
        {
            self.current = Some(k);
            return k;
        }
        self.add_axes(place)
    }

    /// The current axes; new ones if there are none.
    pub fn gca(&mut self) -> usize {
        match self.current {
            Some(k) if k < self.axes.len() => k,
            _ => self.subplot(
                1,
                1,
                Cell {
                    rows: 0..1,
                    cols: 0..1,
                },
                false,
            ),
        }
    }

    /// Axes over others with the same horizontal (or vertical) axis.
    pub fn twin(&mut self, of: usize, same_x: bool) -> usize {
        let k = self.add_axes(Place::Over(of));
        if let Some(base) = self.axes.get_mut(of) {
            if same_x {
                base.y.style.sides = (true, false);
            } else {
                base.x.style.sides = (true, false);
            }
        }
        if let Some(axes) = self.axes.get_mut(k) {
            axes.face = None;
            let (hidden, shown) = if same_x {
                (&mut axes.x, &mut axes.y)
            } else {
                (&mut axes.y, &mut axes.x)
            };
            hidden.shared = Some(of);
            hidden.visible = false;
            shown.style.sides = (false, true);
            shown.style.labels = (false, true);
            shown.label_opposite = true;
        }
        k
    }

    /// A colour bar for an artist of some axes; it gets `cax`, or takes room from `beside`.
    pub fn colorbar(
        &mut self,
        source: (usize, usize),
        cax: Option<usize>,
        beside: &[usize],
        bar: BarPlace,
    ) -> usize {
        let horizontal = matches!(bar.side, Side::Bottom | Side::Top);
        let before = self.current;
        let k = match cax {
            Some(k) => k,
            None => {
                let of: Vec<Place> = beside
                    .iter()
                    .filter_map(|k| self.axes.get(*k).map(|a| a.place.clone()))
                    .collect();
                for k in beside {
                    if let Some(axes) = self.axes.get_mut(*k) {
                        axes.place = Place::Beside {
                            whole: Box::new(axes.place.clone()),
                            of: of.clone(),
                            bar,
                        };
                        axes.anchor = match bar.side {
                            Side::Right => (1.0, 0.5),
                            Side::Left => (0.0, 0.5),
                            Side::Top => (0.5, 1.0),
                            Side::Bottom => (0.5, 0.0),
                        };
                    }
                }
                let k = self.add_axes(Place::Bar { of, bar });
                self.current = before;
                k
            }
        };
        if let Some(axes) = self.axes.get_mut(k) {
            axes.bar = Some(ColorBar {
                source,
                horizontal,
                extend: (false, false),
            });
            axes.face = None;
            for spine in &mut axes.spines {
                spine.visible = true;
            }
            let (along, across) = if horizontal {
                (&mut axes.x, &mut axes.y)
            } else {
                (&mut axes.y, &mut axes.x)
            };
            across.visible = false;
            across.limits = (Some(0.0), Some(1.0));
            let far = matches!(bar.side, Side::Right | Side::Top);
            along.style.sides = (!far, far);
            along.style.labels = (!far, far);
            along.label_opposite = far;
            along.grid = None;
        }
        k
    }

    /// The file's bytes.
    ///
    /// # Errors
    /// If the figure is too large.
    pub fn render(&self, format: Format, saving: Saving) -> Result<Vec<u8>, BackendError> {
        let mut scene = crate::draw::scene(self);
        if let Some(face) = saving.face {
            scene.background = Some(face);
        }
        if saving.transparent {
            scene = crate::draw::transparent(self);
        }
        let mut dpi = saving.dpi.or(self.style.save_dpi).unwrap_or(self.dpi);
        if !dpi.is_finite() || dpi <= 0.0 {
            dpi = 100.0;
        }
        if let Some(pad) = saving.tight {
            let bounds = scene.bounds();
            if !bounds.is_empty() {
                scene.page = bounds.grown(pad * 72.0);
            }
        }
        backend::render(&scene, format, dpi)
    }
}

/// The place without what colour bars took away.
fn unshrunk(place: &Place) -> &Place {
    match place {
        Place::Beside { whole, .. } => unshrunk(whole),
        other => other,
    }
}
