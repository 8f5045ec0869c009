//! pylab: the functions of a model file that draw, and the handles of figures, axes and what is in them.
//!
//! A call changes a [`Figure`] of `dslsim-plot`, which is plain data; `savefig` and `show` turn it into the bytes of a file, which are
//! written with the results of the run. The current figure and axes are kept as pyplot does.
//!
//! * Each function is a row of a table: its name in pylab, its name as a method of axes or figures, and its code.
//! * Quantities are drawn as their value in SI base units, as matplotlib draws Brian2's quantities.
//! * While a model is only checked, values that are not known are drawn as nothing; names, keywords, colours, shapes as far as
//!   they are known, and files are checked.
//! * Handles are numbered from [`FIRST`] on, apart from those of model objects; what a number means is known here only.

mod areas;
mod axes;
mod bars;
mod colorbar;
mod figures;
mod grids;
mod images;
mod legend;
mod limits;
mod lines;
mod members;
mod monitors;
mod points;
mod properties;
mod pyplot;
mod rc;
mod read;
mod save;
mod ticks;
mod words;

use std::path::PathBuf;
use std::sync::Arc;

use dslsim_plot::artist::{Artist, Coords};
use dslsim_plot::axes::Axis;
use dslsim_plot::grid::{Cell, Grid};
use dslsim_plot::{Axes, ColorMap, Figure, Style};
use dslsim_script::{CallArgs, ObjectRef, Value, nearest};
use dslsim_source::{Diagnostic, Diagnostics};

use read::Told;

/// The first number of a handle.
const FIRST: u32 = 1 << 30;
/// One past the last.
const LAST: u32 = 1 << 31;

/// Axes of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct At {
    figure: usize,
    axes: usize,
}

/// What a handle stands for.
#[derive(Clone, Debug, PartialEq)]
enum Pic {
    RcParams,
    PropCycle,
    Figure(usize),
    Axes(At),
    /// Axes in rows and columns.
    AxesGrid(usize, usize, Vec<At>),
    Artist(At, usize),
    /// Several artists of one call: bars, error bars.
    Artists(At, Vec<usize>),
    ColorBar(At),
    Grid(usize),
    Spec(usize, Cell),
    Spines(At),
    Spine(At, Vec<usize>),
    /// The horizontal or vertical axis.
    Axis(At, bool),
    Legend(At),
    Transform(Coords),
    ColorMap(ColorMap),
    /// A title, label or tick label: nothing can be done with it.
    Word,
}

impl Pic {
    fn class(&self) -> &str {
        match self {
            Pic::RcParams => "RcParams",
            Pic::PropCycle => "Cycler",
            Pic::Figure(_) => "Figure",
            Pic::Axes(_) => "Axes",
            Pic::AxesGrid(..) => "grid of Axes",
            Pic::Artist(..) | Pic::Artists(..) => "Artist",
            Pic::ColorBar(_) => "Colorbar",
            Pic::Grid(_) => "GridSpec",
            Pic::Spec(..) => "SubplotSpec",
            Pic::Spines(_) => "Spines",
            Pic::Spine(..) => "Spine",
            Pic::Axis(..) => "Axis",
            Pic::Legend(_) => "Legend",
            Pic::Transform(_) => "Transform",
            Pic::ColorMap(map) => map.name,
            Pic::Word => "Text",
        }
    }
}

/// A grid of the script, and the figures that it is used in.
#[derive(Clone, Debug, PartialEq)]
struct Shared {
    grid: Grid,
    /// The figure, the number of the grid there.
    used: Vec<(usize, usize)>,
}

/// A file that a model has drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    /// Where, within the folder of results.
    pub path: PathBuf,
    /// Its contents.
    pub bytes: Arc<[u8]>,
}

/// All figures of a model.
#[derive(Debug)]
pub(crate) struct Pictures {
    check: bool,
    handles: Vec<Pic>,
    figures: Vec<Figure>,
    /// The number that the user knows a figure by; `None` if it is closed.
    numbers: Vec<Option<i64>>,
    current: Option<usize>,
    grids: Vec<Shared>,
    style: Style,
    /// The artist whose colours a colour bar without an artist explains.
    mappable: Option<(At, usize)>,
    files: Vec<Drawn>,
    /// Whether a file is asked for, also while nothing is drawn.
    asked: bool,
    shown: usize,
}

type OnAxes = fn(&mut Pictures, At, &CallArgs, &str) -> Told<Value>;
type OnFigure = fn(&mut Pictures, usize, &CallArgs, &str) -> Told<Value>;
type Alone = fn(&mut Pictures, &CallArgs, &str) -> Told<Value>;

/// Methods of axes that pylab has under the same name.
const DRAWING: &[(&str, OnAxes)] = &[
    ("plot", lines::plot),
    ("semilogx", lines::plot),
    ("semilogy", lines::plot),
    ("loglog", lines::plot),
    ("step", lines::step),
    ("errorbar", lines::errorbar),
    ("axhline", lines::across),
    ("axvline", lines::across),
    ("hlines", lines::segments),
    ("vlines", lines::segments),
    ("eventplot", lines::eventplot),
    ("stem", lines::stem),
    ("scatter", points::scatter),
    ("fill_between", areas::fill_between),
    ("fill_betweenx", areas::fill_between),
    ("fill", areas::fill),
    ("stackplot", areas::stackplot),
    ("axhspan", areas::span),
    ("axvspan", areas::span),
    ("bar", bars::bar),
    ("barh", bars::bar),
    ("hist", bars::hist),
    ("boxplot", bars::boxplot),
    ("imshow", images::imshow),
    ("matshow", images::imshow),
    ("pcolormesh", images::pcolormesh),
    ("pcolor", images::pcolormesh),
    ("hist2d", images::hist2d),
    ("text", words::text),
    ("annotate", words::annotate),
    ("legend", legend::legend),
    ("grid", ticks::grid),
    ("tick_params", ticks::tick_params),
    ("minorticks_on", ticks::minor),
    ("minorticks_off", ticks::minor),
    ("ticklabel_format", ticks::ticklabel_format),
    ("locator_params", ticks::ticklabel_format),
    ("axis", limits::axis),
    ("margins", limits::margins),
    ("autoscale", limits::autoscale),
    ("cla", axes::clear),
    ("twinx", axes::twin),
    ("twiny", axes::twin),
    ("box", axes::frame),
];

/// Functions of pylab, and what methods of axes they are.
const RENAMED: &[(&str, &str, OnAxes)] = &[
    ("xlabel", "set_xlabel", words::axis_label),
    ("ylabel", "set_ylabel", words::axis_label),
    ("title", "set_title", words::title),
    ("xlim", "set_xlim", limits::limit),
    ("ylim", "set_ylim", limits::limit),
    ("xscale", "set_xscale", limits::scale),
    ("yscale", "set_yscale", limits::scale),
    ("xticks", "set_xticks", ticks::ticks),
    ("yticks", "set_yticks", ticks::ticks),
];

/// Methods of axes only.
const METHODS: &[(&str, OnAxes)] = &[
    ("set_xticklabels", ticks::tick_labels),
    ("set_yticklabels", ticks::tick_labels),
    ("set_aspect", axes::aspect),
    ("set_axis_off", axes::on_off),
    ("set_axis_on", axes::on_off),
    ("invert_xaxis", limits::invert),
    ("invert_yaxis", limits::invert),
    ("set", axes::set),
    ("set_facecolor", axes::facecolor),
    ("set_visible", axes::visible),
    ("set_frame_on", axes::frame),
    ("set_position", axes::position),
    ("set_box_aspect", axes::aspect),
    ("set_anchor", axes::nothing),
    ("set_axisbelow", axes::nothing),
    ("set_zorder", axes::nothing),
    ("set_rasterization_zorder", axes::nothing),
    ("set_prop_cycle", axes::nothing),
    ("clear", axes::clear),
    ("remove", axes::remove),
    ("get_xlim", limits::get),
    ("get_ylim", limits::get),
    ("get_xticks", ticks::get),
    ("get_yticks", ticks::get),
    ("get_figure", axes::get_figure),
    ("get_subplotspec", axes::subplotspec),
    ("get_legend", axes::get_legend),
    ("label_outer", axes::label_outer),
    ("sharex", axes::share),
    ("sharey", axes::share),
    ("set_xmargin", limits::margins),
    ("set_ymargin", limits::margins),
    ("set_xbound", limits::limit),
    ("set_ybound", limits::limit),
];

/// Methods of figures; those with a mark are functions of pylab, too.
const OF_FIGURES: &[(&str, bool, OnFigure)] = &[
    ("add_subplot", false, figures::add_subplot),
    ("add_axes", false, figures::add_axes),
    ("add_gridspec", false, grids::add_gridspec),
    ("subplots", false, figures::subplots),
    ("colorbar", true, colorbar::colorbar),
    ("suptitle", true, words::suptitle),
    ("supxlabel", false, words::suplabel),
    ("supylabel", false, words::suplabel),
    ("text", false, words::figure_text),
    ("figtext", true, words::figure_text),
    ("savefig", true, save::savefig),
    ("tight_layout", true, figures::tight_layout),
    ("subplots_adjust", true, figures::subplots_adjust),
    ("gca", true, figures::gca),
    ("sca", true, figures::sca),
    ("delaxes", true, figures::delaxes),
    ("clf", true, figures::clear),
    ("clear", false, figures::clear),
    ("set_size_inches", false, figures::set_size),
    ("set_figwidth", false, figures::set_size),
    ("set_figheight", false, figures::set_size),
    ("set_dpi", false, figures::set_dpi),
    ("set_facecolor", false, figures::facecolor),
    ("set_tight_layout", false, figures::tight_layout),
    ("set_constrained_layout", false, figures::tight_layout),
    ("get_axes", false, figures::get_axes),
    ("show", false, figures::nothing),
    ("align_labels", false, figures::nothing),
    ("align_xlabels", false, figures::nothing),
    ("align_ylabels", false, figures::nothing),
];

/// Functions of pylab that are neither.
const ALONE: &[(&str, Alone)] = &[
    ("figure", pyplot::figure),
    ("subplot", pyplot::subplot),
    ("subplots", pyplot::subplots),
    ("subplot2grid", pyplot::subplot2grid),
    ("axes", pyplot::axes),
    ("gcf", pyplot::gcf),
    ("close", pyplot::close),
    ("show", save::show),
    ("clim", colorbar::clim),
    ("set_cmap", colorbar::set_cmap),
    ("get_cmap", colorbar::get_cmap),
    ("GridSpec", grids::gridspec),
    ("rc", rc::rc),
    ("ion", pyplot::nothing),
    ("ioff", pyplot::nothing),
    ("draw", pyplot::nothing),
    ("pause", pyplot::nothing),
];

/// Functions of matplotlib that are not part of the language, and what to use.
const REFUSED: &[(&str, &str)] = &[
    ("contour", "use `imshow` or `pcolormesh`"),
    ("contourf", "use `imshow` or `pcolormesh`"),
    ("quiver", "use `plot` for each arrow"),
    ("streamplot", "use `plot`"),
    ("pie", "use `bar`"),
    ("violinplot", "use `boxplot` or `hist`"),
    ("polar", "use `plot` of `r*cos(phi)`, `r*sin(phi)`"),
    ("hexbin", "use `hist2d`"),
    ("specgram", "use `imshow`"),
    ("psd", "compute the spectrum from the saved results"),
    ("table", "use `print` or `save`"),
    ("subplot_mosaic", "use `GridSpec` and `add_subplot`"),
    ("xkcd", "leave it out"),
];

impl Pictures {
    pub(crate) fn new(check: bool) -> Pictures {
        Pictures {
            check,
            handles: vec![Pic::RcParams],
            figures: Vec::new(),
            numbers: Vec::new(),
            current: None,
            grids: Vec::new(),
            style: Style::default(),
            mappable: None,
            files: Vec::new(),
            asked: false,
            shown: 0,
        }
    }

    /// Whether a name is a function of pylab.
    pub(crate) fn is_function(name: &str) -> bool {
        Pictures::names().any(|n| n == name) || REFUSED.iter().any(|(n, _)| *n == name)
    }

    /// All functions of pylab.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        let drawing = DRAWING.iter().map(|(n, _)| *n);
        let renamed = RENAMED.iter().map(|(n, _, _)| *n);
        let figures = OF_FIGURES.iter().filter(|(_, p, _)| *p).map(|(n, _, _)| *n);
        let alone = ALONE.iter().map(|(n, _)| *n);
        drawing
            .chain(renamed)
            .chain(figures)
            .chain(alone)
            .chain(["brian_plot"])
    }

    /// Whether an object is one of ours.
    pub(crate) fn owns(object: &ObjectRef) -> bool {
        (FIRST..LAST).contains(&object.id)
    }

    /// `rcParams`
    pub(crate) fn constant(name: &str) -> Option<Value> {
        (name == "rcParams").then(|| {
            Value::Object(ObjectRef {
                class: "RcParams".into(),
                id: FIRST,
                part: 0,
            })
        })
    }

    /// The files that were drawn.
    pub(crate) fn take_files(&mut self) -> Vec<Drawn> {
        std::mem::take(&mut self.files)
    }

    /// Whether the model draws files.
    pub(crate) fn draws(&self) -> bool {
        self.asked
    }

    fn refer(&mut self, pic: Pic) -> Value {
        let class = pic.class().to_owned();
        let at = match self.handles.iter().position(|p| *p == pic) {
            Some(k) => k,
            None => {
                self.handles.push(pic);
                self.handles.len() - 1
            }
        };
        Value::Object(ObjectRef {
            class,
            id: FIRST + at as u32,
            part: 0,
        })
    }

    fn pic(&self, object: &ObjectRef) -> Pic {
        object
            .id
            .checked_sub(FIRST)
            .and_then(|k| self.handles.get(k as usize))
            .cloned()
            .unwrap_or(Pic::Word)
    }

    /// What a value stands for, if it is one of ours.
    fn pic_of(&self, value: &Value) -> Option<Pic> {
        match value {
            Value::Object(o) if Pictures::owns(o) => Some(self.pic(o)),
            _ => None,
        }
    }

    /// The current figure; a new one if there is none.
    fn gcf(&mut self) -> usize {
        match self.current {
            Some(k) => k,
            None => self.new_figure(None, None, None),
        }
    }

    fn new_figure(
        &mut self,
        number: Option<i64>,
        size: Option<(f64, f64)>,
        dpi: Option<f64>,
    ) -> usize {
        let next = self.numbers.iter().flatten().copied().max().unwrap_or(0) + 1;
        self.figures.push(Figure::new(&self.style, size, dpi));
        self.numbers.push(Some(number.unwrap_or(next)));
        self.current = Some(self.figures.len() - 1);
        self.figures.len() - 1
    }

    /// The current axes of the current figure.
    fn gca(&mut self) -> At {
        let figure = self.gcf();
        let axes = self.figures.get_mut(figure).map_or(0, Figure::gca);
        At { figure, axes }
    }

    fn figure(&mut self, k: usize) -> Option<&mut Figure> {
        self.figures.get_mut(k)
    }

    fn axes(&mut self, at: At) -> Option<&mut Axes> {
        self.figures.get_mut(at.figure)?.axes.get_mut(at.axes)
    }

    fn axis(&mut self, at: At, horizontal: bool) -> Option<&mut Axis> {
        let axes = self.axes(at)?;
        Some(if horizontal { &mut axes.x } else { &mut axes.y })
    }

    /// The axis that rules over the limits and the scale of another one.
    fn ruling(&mut self, at: At, horizontal: bool) -> Option<&mut Axis> {
        let mut at = at;
        for _ in 0..100 {
            match self.axis(at, horizontal)?.shared {
                Some(other) => at.axes = other,
                None => break,
            }
        }
        self.axis(at, horizontal)
    }

    /// Adds an artist; gives its number.
    fn add(&mut self, at: At, artist: Artist) -> usize {
        match self.axes(at) {
            Some(axes) => {
                axes.artists.push(artist);
                axes.artists.len() - 1
            }
            None => 0,
        }
    }

    /// Calls a function of pylab. Monitors are drawn by the session.
    pub(crate) fn call(&mut self, function: &str, args: &CallArgs) -> Told<Value> {
        if let Some((name, instead)) = REFUSED.iter().find(|(n, _)| *n == function) {
            return Err(Diagnostic::error(
                "not-supported",
                args.span,
                format!("`{name}` is not supported: it is not part of the language"),
            )
            .help(*instead)
            .into());
        }
        if let Some((_, f)) = ALONE.iter().find(|(n, _)| *n == function) {
            return f(self, args, function);
        }
        if let Some((_, _, f)) = OF_FIGURES.iter().find(|(n, p, _)| *p && *n == function) {
            let figure = self.gcf();
            return f(self, figure, args, function);
        }
        let on_axes = DRAWING
            .iter()
            .find(|(n, _)| *n == function)
            .map(|(_, f)| f)
            .or_else(|| {
                RENAMED
                    .iter()
                    .find(|(n, _, _)| *n == function)
                    .map(|(_, _, f)| f)
            });
        match on_axes {
            Some(f) => {
                let at = self.gca();
                f(self, at, args, function)
            }
            None => Ok(Value::None),
        }
    }

    /// The message about a function of matplotlib that does not exist here.
    pub(crate) fn unknown(module: &str, name: &str) -> Option<(String, String)> {
        if !module.starts_with("matplotlib") && module != "pylab" {
            return None;
        }
        let near = nearest(name, Pictures::names());
        Some((
            format!("`{name}` of matplotlib is not part of the language"),
            match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "the functions for pictures are listed in the README".into(),
            },
        ))
    }
}

/// A method that an object does not have.
fn no_method(class: &str, name: &dslsim_syntax::ast::Ident, known: &[&str]) -> Diagnostics {
    Diagnostic::error(
        "unknown-attribute",
        name.span,
        format!("{class} has no method `{}`", name.name),
    )
    .help_opt(nearest(&name.name, known.iter().copied()).map(|n| format!("did you mean `{n}`?")))
    .into()
}
