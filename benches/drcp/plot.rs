//! The figure: servers over the steps of the simulation, on a logarithmic scale, because the difference is large.

use crate::Sample;

const WIDTH: f64 = 860.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 230.0;
const TOP: f64 = 56.0;
const BOTTOM: f64 = 46.0;
/// The scale reaches from 10 to 10,000.
const DECADES: std::ops::RangeInclusive<u32> = 1..=4;

fn x(step: usize, steps: usize) -> f64 {
    LEFT + (WIDTH - LEFT - RIGHT) * step as f64 / steps.max(2) as f64
}

fn y(servers: f64) -> f64 {
    let (low, high) = (f64::from(*DECADES.start()), f64::from(*DECADES.end()));
    let share = (servers.max(10.0).log10() - low) / (high - low);
    TOP + (HEIGHT - TOP - BOTTOM) * (1.0 - share)
}

fn text(x: f64, y: f64, size: u32, colour: &str, content: &str) -> String {
    format!("<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size}\" fill=\"{colour}\">{content}</text>\n")
}

fn curve(samples: &[Sample], colour: &str, of: impl Fn(&Sample) -> f64) -> String {
    let points: Vec<String> = samples
        .iter()
        .enumerate()
        .map(|(step, sample)| format!("{:.1},{:.1}", x(step, samples.len()), y(of(sample))))
        .collect();
    let points = points.join(" ");
    format!("<polyline points=\"{points}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>\n")
}

fn grid() -> String {
    DECADES
        .map(|decade| {
            let servers = 10u32.pow(decade);
            let at = y(f64::from(servers));
            let right = WIDTH - RIGHT;
            format!("<line x1=\"{LEFT}\" y1=\"{at:.1}\" x2=\"{right}\" y2=\"{at:.1}\" stroke=\"#dfe4ea\"/>\n")
                + &text(LEFT - 52.0, at + 4.0, 12, "#61707f", &format!("{servers:>6}"))
        })
        .collect()
}

/// The figure as SVG.
pub fn draw(dedicated: u64, samples: &[Sample]) -> String {
    let last = samples.last().copied().unwrap_or_default();
    let label = |servers: f64, colour, what: &str| {
        text(WIDTH - RIGHT + 10.0, y(servers) + 4.0, 13, colour, &format!("{servers:.0} {what}"))
    };
    let (ours, others, light) = ("#c2410c", "#3b6ea5", "#f2a07b");
    let flat = vec![Sample { servers: dedicated, ..Sample::default() }; samples.len()];
    [
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{HEIGHT}\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
             font-family=\"sans-serif\">\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
        ),
        text(LEFT, 26.0, 16, "#1f2933", "Servers of the database for 30 pools of 200 sessions, 5 % of them at work"),
        text(LEFT, 44.0, 12, "#61707f", "simulated on the embedded engine; servers on a logarithmic scale"),
        grid(),
        curve(&flat, others, |sample| sample.servers as f64),
        curve(samples, ours, |sample| sample.servers as f64),
        curve(samples, light, |sample| sample.working as f64),
        label(dedicated as f64, others, "dedicated servers"),
        text(WIDTH - RIGHT + 10.0, y(last.servers as f64) - 8.0, 13, ours, &format!("{} pooled servers open", last.servers)),
        text(WIDTH - RIGHT + 10.0, y(last.working as f64) + 18.0, 13, light, &format!("{} of them at work", last.working)),
        text(LEFT, HEIGHT - 14.0, 12, "#61707f", "steps of the simulation"),
        "</svg>\n".to_owned(),
    ]
    .concat()
}
