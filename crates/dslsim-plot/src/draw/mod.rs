//! From a figure to a scene: places, limits and ticks are found, then everything is drawn in its order.
//!
//! Nothing in the figure changes by being drawn.

mod axis;
mod colorbar;
mod layout;
mod legend;
mod limits;
mod marks;
mod tight;
mod view;

use crate::artist::{Artist, Mark};
use crate::axes::Label;
use crate::figure::Figure;
use crate::geometry::{Path, Point, Rect};
use crate::scene::{Cap, Item, Join, Scene, Stroke};
use crate::text::{HAlign, TextStyle, VAlign, place};

pub use tight::margins;
pub use view::View;

/// The whole figure.
pub fn scene(figure: &Figure) -> Scene {
    draw(figure, true)
}

/// The whole figure without backgrounds.
pub fn transparent(figure: &Figure) -> Scene {
    draw(figure, false)
}

/// Where the axes are and what limits they have.
pub fn views(figure: &Figure) -> Vec<View> {
    let margins = margins(figure);
    view::all(figure, &margins)
}

fn draw(figure: &Figure, faces: bool) -> Scene {
    let views = views(figure);
    let page = Rect::of_size(0.0, 0.0, figure.size.0 * 72.0, figure.size.1 * 72.0);
    let mut items = Vec::new();
    for k in 0..figure.axes.len() {
        items.extend(axes(figure, &views, k, faces));
    }
    items.extend(overall(figure, &page));
    Scene {
        page,
        background: faces.then_some(figure.face),
        items,
    }
}

/// Things of the figure itself.
fn overall(figure: &Figure, page: &Rect) -> Vec<Item> {
    let mut items = Vec::new();
    let mut set = |label: &Label, at: Point, style: TextStyle| {
        items.push(Item::Text {
            placed: place(&label.text, &style, at),
            color: label.color,
            clip: None,
        });
    };
    if let Some((label, at)) = &figure.suptitle {
        set(label, page.at(*at), label.style.clone());
    }
    if let Some(label) = &figure.suplabels.0 {
        let style = label.style.clone().aligned(HAlign::Center, VAlign::Bottom);
        set(label, page.at((0.5, 0.01)), style);
    }
    if let Some(label) = &figure.suplabels.1 {
        let mut style = label.style.clone().aligned(HAlign::Left, VAlign::Center);
        style.rotation = 90.0;
        set(label, page.at((0.02, 0.5)), style);
    }
    for artist in &figure.texts {
        if let Mark::Text(text) = &artist.mark {
            items.extend(marks::text(text, page.at(text.at), None, None));
        }
    }
    items
}

/// Everything of one pair of axes.
fn axes(figure: &Figure, views: &[View], k: usize, faces: bool) -> Vec<Item> {
    let (Some(axes), Some(view)) = (figure.axes.get(k), views.get(k)) else {
        return Vec::new();
    };
    if !axes.visible {
        return Vec::new();
    }
    let mut layers: Vec<(f64, Vec<Item>)> = Vec::new();
    let mut items = Vec::new();
    if axes.on
        && faces
        && let Some(face) = axes.face
    {
        items.push(Item::Shape {
            path: Path::rect(&view.rect),
            fill: Some(face),
            stroke: None,
            clip: None,
            crisp: false,
        });
    }
    if let Some(bar) = &axes.bar {
        let mapped = figure
            .axes
            .get(bar.source.0)
            .and_then(|a| a.artists.get(bar.source.1))
            .and_then(Artist::mapped);
        if let Some(mapped) = mapped {
            items.extend(colorbar::gradient(mapped, bar, &view.rect));
        }
    }
    for artist in axes.artists.iter().filter(|a| a.visible) {
        let drawn = marks::draw(artist, view, figure);
        layers.push((artist.order, drawn));
    }
    if axes.on {
        let drawn = axis::draw(axes, view);
        layers.push((0.5, drawn.below));
        layers.push((1.5, drawn.ticks));
        layers.push((2.5, spines(axes, view)));
        layers.push((3.0, drawn.titles));
    } else {
        // titles are no part of the axes
        layers.push((3.0, axis::titles(axes, view, view.rect.y1)));
    }
    if let Some(legend) = &axes.legend {
        layers.push((5.0, legend::draw(legend, axes, view)));
    }
    layers.sort_by(|a, b| a.0.total_cmp(&b.0));
    items.extend(layers.into_iter().flat_map(|(_, drawn)| drawn));
    items
}

fn spines(axes: &crate::axes::Axes, view: &View) -> Vec<Item> {
    let r = view.rect;
    let mut items = Vec::new();
    for (k, spine) in axes.spines.iter().enumerate().filter(|(_, s)| s.visible) {
        let out = spine.outward;
        let (a, b) = match k {
            0 | 1 => {
                let x = match (spine.at, k) {
                    (Some(x), _) => view.point(x, view.y.low).0,
                    (None, 0) => r.x0 - out,
                    (None, _) => r.x1 + out,
                };
                ((x, r.y0), (x, r.y1))
            }
            _ => {
                let y = match (spine.at, k) {
                    (Some(y), _) => view.point(view.x.low, y).1,
                    (None, 2) => r.y0 - out,
                    (None, _) => r.y1 + out,
                };
                ((r.x0, y), (r.x1, y))
            }
        };
        items.push(Item::Shape {
            path: Path::line([a, b]),
            fill: None,
            stroke: Some(Stroke {
                cap: Cap::Square,
                join: Join::Miter,
                ..Stroke::solid(spine.width, spine.color)
            }),
            clip: None,
            crisp: false,
        });
    }
    items
}
