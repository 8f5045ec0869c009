//! Points, rectangles, transformations and outlines.
//!
//! Lengths are points (1/72 inch) on the page; y grows upwards, as in matplotlib. Back ends that count downwards turn it round.

/// A point: x, y.
pub type Point = (f64, f64);

/// A rectangle with `x0 <= x1` and `y0 <= y1`, unless it is [`Rect::EMPTY`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rect {
    /// Left.
    pub x0: f64,
    /// Bottom.
    pub y0: f64,
    /// Right.
    pub x1: f64,
    /// Top.
    pub y1: f64,
}

impl Rect {
    /// Nothing: the neutral element of [`Rect::union`].
    pub const EMPTY: Rect = Rect {
        x0: f64::INFINITY,
        y0: f64::INFINITY,
        x1: f64::NEG_INFINITY,
        y1: f64::NEG_INFINITY,
    };

    /// From left, bottom, width and height.
    pub fn of_size(x: f64, y: f64, width: f64, height: f64) -> Rect {
        Rect {
            x0: x,
            y0: y,
            x1: x + width,
            y1: y + height,
        }
    }

    /// Its width.
    pub fn width(&self) -> f64 {
        self.x1 - self.x0
    }

    /// Its height.
    pub fn height(&self) -> f64 {
        self.y1 - self.y0
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.x1 < self.x0 || self.y1 < self.y0
    }

    /// Whether a point is inside.
    pub fn contains(&self, (x, y): Point) -> bool {
        x > self.x0 && x < self.x1 && y > self.y0 && y < self.y1
    }

    /// Whether two rectangles have an area in common.
    pub fn overlaps(&self, other: &Rect) -> bool {
        self.x0 < other.x1 && other.x0 < self.x1 && self.y0 < other.y1 && other.y0 < self.y1
    }

    /// The smallest rectangle around both.
    pub fn union(&self, other: &Rect) -> Rect {
        Rect {
            x0: self.x0.min(other.x0),
            y0: self.y0.min(other.y0),
            x1: self.x1.max(other.x1),
            y1: self.y1.max(other.y1),
        }
    }

    /// What both have in common.
    pub fn intersection(&self, other: &Rect) -> Rect {
        Rect {
            x0: self.x0.max(other.x0),
            y0: self.y0.max(other.y0),
            x1: self.x1.min(other.x1),
            y1: self.y1.min(other.y1),
        }
    }

    /// Grown by `by` on every side.
    pub fn grown(&self, by: f64) -> Rect {
        Rect {
            x0: self.x0 - by,
            y0: self.y0 - by,
            x1: self.x1 + by,
            y1: self.y1 + by,
        }
    }

    /// Around a point as well.
    pub fn with(&self, (x, y): Point) -> Rect {
        self.union(&Rect {
            x0: x,
            y0: y,
            x1: x,
            y1: y,
        })
    }

    /// The point at fractions of width and height.
    pub fn at(&self, (fx, fy): Point) -> Point {
        (self.x0 + fx * self.width(), self.y0 + fy * self.height())
    }
}

/// An affine transformation: `x' = a x + c y + e`, `y' = b x + d y + f`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transform {
    /// The six numbers a, b, c, d, e, f.
    pub m: [f64; 6],
}

impl Transform {
    /// Nothing changes.
    pub const IDENTITY: Transform = Transform {
        m: [1.0, 0.0, 0.0, 1.0, 0.0, 0.0],
    };

    /// A shift.
    pub fn translate(x: f64, y: f64) -> Transform {
        Transform {
            m: [1.0, 0.0, 0.0, 1.0, x, y],
        }
    }

    /// Scaling about the origin.
    pub fn scale(x: f64, y: f64) -> Transform {
        Transform {
            m: [x, 0.0, 0.0, y, 0.0, 0.0],
        }
    }

    /// Counter-clockwise rotation about the origin, in degrees; exact for multiples of 90.
    pub fn rotate(degrees: f64) -> Transform {
        let turn = degrees.rem_euclid(360.0);
        let (s, c) = if turn == 0.0 {
            (0.0, 1.0)
        } else if turn == 90.0 {
            (1.0, 0.0)
        } else if turn == 180.0 {
            (0.0, -1.0)
        } else if turn == 270.0 {
            (-1.0, 0.0)
        } else {
            turn.to_radians().sin_cos()
        };
        Transform {
            m: [c, s, -s, c, 0.0, 0.0],
        }
    }

    /// First `self`, then `next`.
    pub fn then(&self, next: &Transform) -> Transform {
        let [a, b, c, d, e, f] = self.m;
        let [na, nb, nc, nd, ne, nf] = next.m;
        Transform {
            m: [
                na * a + nc * b,
                nb * a + nd * b,
                na * c + nc * d,
                nb * c + nd * d,
                na * e + nc * f + ne,
                nb * e + nd * f + nf,
            ],
        }
    }

    /// The image of a point.
    pub fn apply(&self, (x, y): Point) -> Point {
        let [a, b, c, d, e, f] = self.m;
        (a * x + c * y + e, b * x + d * y + f)
    }
}

/// A piece of an outline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Seg {
    /// Begins a new piece.
    Move(Point),
    /// A straight line.
    Line(Point),
    /// A cubic Bézier curve: two control points and the end.
    Curve(Point, Point, Point),
    /// Back to the beginning of the piece.
    Close,
}

/// An outline.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Path {
    /// Its pieces.
    pub segs: Vec<Seg>,
}

/// Control points of a quarter circle of radius 1 lie so far from its ends.
const QUARTER: f64 = 0.552_284_749_830_793_6;

impl Path {
    /// An open line through points.
    pub fn line(points: impl IntoIterator<Item = Point>) -> Path {
        let segs = points
            .into_iter()
            .enumerate()
            .map(|(k, p)| if k == 0 { Seg::Move(p) } else { Seg::Line(p) })
            .collect();
        Path { segs }
    }

    /// A closed line through points.
    pub fn polygon(points: impl IntoIterator<Item = Point>) -> Path {
        let mut path = Path::line(points);
        if !path.segs.is_empty() {
            path.segs.push(Seg::Close);
        }
        path
    }

    /// A rectangle.
    pub fn rect(r: &Rect) -> Path {
        Path::polygon([(r.x0, r.y0), (r.x1, r.y0), (r.x1, r.y1), (r.x0, r.y1)])
    }

    /// A circle about the origin.
    pub fn circle(radius: f64) -> Path {
        let (r, k) = (radius, radius * QUARTER);
        Path {
            segs: vec![
                Seg::Move((r, 0.0)),
                Seg::Curve((r, k), (k, r), (0.0, r)),
                Seg::Curve((-k, r), (-r, k), (-r, 0.0)),
                Seg::Curve((-r, -k), (-k, -r), (0.0, -r)),
                Seg::Curve((k, -r), (r, -k), (r, 0.0)),
                Seg::Close,
            ],
        }
    }

    /// A rectangle with round corners.
    pub fn round_rect(r: &Rect, radius: f64) -> Path {
        let q = radius * (1.0 - QUARTER);
        let Rect { x0, y0, x1, y1 } = *r;
        Path {
            segs: vec![
                Seg::Move((x0 + radius, y0)),
                Seg::Line((x1 - radius, y0)),
                Seg::Curve((x1 - q, y0), (x1, y0 + q), (x1, y0 + radius)),
                Seg::Line((x1, y1 - radius)),
                Seg::Curve((x1, y1 - q), (x1 - q, y1), (x1 - radius, y1)),
                Seg::Line((x0 + radius, y1)),
                Seg::Curve((x0 + q, y1), (x0, y1 - q), (x0, y1 - radius)),
                Seg::Line((x0, y0 + radius)),
                Seg::Curve((x0, y0 + q), (x0 + q, y0), (x0 + radius, y0)),
                Seg::Close,
            ],
        }
    }

    /// Its image.
    pub fn transformed(&self, t: &Transform) -> Path {
        let segs = self
            .segs
            .iter()
            .map(|seg| match *seg {
                Seg::Move(p) => Seg::Move(t.apply(p)),
                Seg::Line(p) => Seg::Line(t.apply(p)),
                Seg::Curve(a, b, p) => Seg::Curve(t.apply(a), t.apply(b), t.apply(p)),
                Seg::Close => Seg::Close,
            })
            .collect();
        Path { segs }
    }

    /// A rectangle around all its points, control points included.
    pub fn bounds(&self) -> Rect {
        let mut r = Rect::EMPTY;
        for seg in &self.segs {
            match *seg {
                Seg::Move(p) | Seg::Line(p) => r = r.with(p),
                Seg::Curve(a, b, p) => r = r.with(a).with(b).with(p),
                Seg::Close => {}
            }
        }
        r
    }

    /// Whether it has only horizontal and vertical lines: such outlines are drawn on whole pixels.
    pub fn is_rectilinear(&self) -> bool {
        if self.segs.len() > 1024 {
            return false;
        }
        let mut here = (0.0, 0.0);
        for seg in &self.segs {
            match *seg {
                Seg::Move(p) => here = p,
                Seg::Line(p) => {
                    if (p.0 - here.0).abs() > 1e-4 && (p.1 - here.1).abs() > 1e-4 {
                        return false;
                    }
                    here = p;
                }
                Seg::Curve(..) => return false,
                Seg::Close => {}
            }
        }
        true
    }
}
