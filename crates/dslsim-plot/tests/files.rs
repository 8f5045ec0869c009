//! Files are whole, say the same every time, and hold what was drawn.

#![expect(
    clippy::unwrap_used,
    reason = "a figure that cannot be drawn fails the test"
)]

use dslsim_plot::artist::{Artist, Colors, Coords, Line, Mapped, Mark, Scatter};
use dslsim_plot::axes::{BarPlace, Label, Side};
use dslsim_plot::colormap::{ColorMap, Norm};
use dslsim_plot::style::{Dash, DrawStyle};
use dslsim_plot::{Figure, Format, Rgba, Saving, Style};

fn line(x: Vec<f64>, y: Vec<f64>) -> Artist {
    Artist::new(Mark::Line(Line {
        x,
        y,
        color: Rgba::hex(0x1f_77b4),
        width: 1.5,
        dash: Dash::Solid,
        marker: None,
        marker_size: 6.0,
        marker_fill: None,
        marker_edge: None,
        marker_line: 1.0,
        steps: DrawStyle::Straight,
        coords: Coords::Data,
    }))
}

fn figure() -> Figure {
    let mut figure = Figure::new(&Style::default(), None, None);
    let k = figure.gca();
    let values: Vec<f64> = (0..50).map(f64::from).collect();
    let axes = &mut figure.axes[k];
    axes.artists.push(line(values.clone(), values.clone()));
    axes.artists.push(Artist::new(Mark::Scatter(Scatter {
        x: values.clone(),
        y: values.iter().map(|x| 50.0 - x).collect(),
        sizes: vec![36.0],
        colors: Colors::Mapped(Mapped {
            values: values.clone(),
            map: ColorMap::named("RdBu_r").unwrap(),
            norm: Norm::of(values.iter().copied(), None, None, false),
        }),
        edge: None,
        width: 1.5,
        marker: "o".into(),
        alpha: Some(0.5),
    })));
    axes.x.label = Some(Label::new("F$_{out}$ [Hz]", 10.0));
    axes.y.label = Some(Label::new("$\\mu(v)$", 10.0));
    let place = BarPlace {
        side: Side::Right,
        fraction: 0.15,
        pad: 0.05,
        shrink: 1.0,
        aspect: 20.0,
    };
    figure.colorbar((k, 1), None, &[k], place);
    figure
}

fn bytes(figure: &Figure, format: Format) -> Vec<u8> {
    figure.render(format, Saving::default()).unwrap()
}

#[test]
fn the_same_bytes_every_time() {
    for format in [Format::Png, Format::Pdf, Format::Svg] {
        assert_eq!(bytes(&figure(), format), bytes(&figure(), format));
    }
}

#[test]
fn png_has_the_size_asked_for() {
    let size = |png: &[u8]| {
        let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
        (number(16), number(20))
    };
    let png = bytes(&figure(), Format::Png);
    assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
    assert_eq!(size(&png), (640, 480));
    let saving = Saving {
        dpi: Some(300.0),
        ..Saving::default()
    };
    let png = figure().render(Format::Png, saving).unwrap();
    assert_eq!(size(&png), (1920, 1440));
    let mut huge = figure();
    huge.size = (1e6, 1e6);
    assert!(huge.render(Format::Png, Saving::default()).is_err());
}

#[test]
fn svg_is_balanced_and_needs_no_fonts() {
    let svg = String::from_utf8(bytes(&figure(), Format::Svg)).unwrap();
    assert!(svg.ends_with("</svg>\n"));
    assert!(!svg.contains("<text") && !svg.contains("NaN") && !svg.contains("inf"));
    let opened = svg.matches("<g").count();
    assert_eq!(opened, svg.matches("</g>").count());
    // a reference for each of the fifty points
    assert!(svg.matches("xlink:href=\"#m").count() >= 50);
}

#[test]
fn pdf_has_fonts_and_a_page() {
    let pdf = bytes(&figure(), Format::Pdf);
    let text = String::from_utf8_lossy(&pdf);
    assert!(text.starts_with("%PDF-1."));
    assert!(text.trim_end().ends_with("%%EOF"));
    for part in [
        "+DejaVuSans",
        "+DejaVuSans-Oblique",
        "/ToUnicode",
        "/FontFile2",
        "/MediaBox",
    ] {
        assert!(text.contains(part), "{part}");
    }
    // subsets, not whole fonts
    assert!(pdf.len() < 60_000, "{}", pdf.len());
}

#[test]
fn nan_interrupts_a_line_and_nothing_panics_on_odd_data() {
    let odd = [
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        0.0,
        1e300,
        -1e300,
        1e-300,
    ];
    for a in odd {
        for b in odd {
            let mut figure = Figure::new(&Style::default(), None, None);
            let k = figure.gca();
            figure.axes[k]
                .artists
                .push(line(vec![0.0, a, 2.0], vec![b, 1.0, a]));
            for log in [false, true] {
                if log {
                    figure.axes[k].y.scale = dslsim_plot::axes::Scale::Log;
                }
                for format in [Format::Png, Format::Pdf, Format::Svg] {
                    assert!(!bytes(&figure, format).is_empty());
                }
            }
        }
    }
    let empty = Figure::new(&Style::default(), None, None);
    assert!(!bytes(&empty, Format::Pdf).is_empty());
}

#[test]
fn a_tight_page_is_cut_to_what_is_drawn() {
    let mut figure = figure();
    figure.axes[0].titles[0] = Some(Label::new("title", 12.0));
    let saving = Saving {
        tight: Some(0.1),
        ..Saving::default()
    };
    let svg = String::from_utf8(figure.render(Format::Svg, saving).unwrap()).unwrap();
    let full = String::from_utf8(bytes(&figure, Format::Svg)).unwrap();
    let width = |svg: &str| -> f64 {
        let rest = svg.split("width=\"").nth(1).unwrap();
        rest.split("pt").next().unwrap().parse().unwrap()
    };
    assert!(width(&svg) < width(&full) && width(&svg) > 300.0);
}

#[test]
fn alignment_of_two_lines_of_text() {
    use dslsim_plot::text::{HAlign, TextStyle, VAlign, place};
    let style = TextStyle::of_size(10.0).aligned(HAlign::Right, VAlign::Top);
    let placed = place("one\ntwo", &style, (100.0, 50.0));
    assert!((placed.bounds.x1 - 100.0).abs() < 1e-9);
    assert!((placed.bounds.y1 - 50.0).abs() < 1e-9);
    assert!(placed.bounds.height() > 20.0);
    let mut turned = style.clone();
    turned.rotation = 90.0;
    let upright = place("one\ntwo", &turned, (100.0, 50.0)).bounds;
    assert!((upright.height() - placed.bounds.width()).abs() < 1e-9);
}
