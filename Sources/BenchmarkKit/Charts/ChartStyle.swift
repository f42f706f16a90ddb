/// The style sheet of the charts. A page sets it once; a file of its own carries it.
enum ChartStyle {
    struct Theme: Sendable {
        var paper: String
        var ink: String
        /// Axes' words and everything that explains. Contrast to the paper at least 4.5 : 1.
        var quiet: String
        var line: String
        var colours: [String]
    }

    static let light = Theme(
        paper: "#ffffff", ink: "#1b1f23", quiet: "#57606a", line: "#d5d9de", colours: ChartPalette.light)
    static let dark = Theme(
        paper: "#14181d", ink: "#e6e8ea", quiet: "#a0a8b2", line: "#353c45", colours: ChartPalette.dark)

    static let fonts = "system-ui,-apple-system,'Segoe UI',Roboto,'Liberation Sans','DejaVu Sans',sans-serif"

    /// The theme as CSS variables.
    static func variables(_ theme: Theme) -> String {
        let colours = theme.colours.enumerated().map { "--c\($0.offset):\($0.element);" }.joined()
        return "--paper:\(theme.paper);--ink:\(theme.ink);--quiet:\(theme.quiet);--line:\(theme.line);" + colours
    }

    /// The rules, colours by variable: for a page.
    static var rules: String {
        shapes + tints { "var(--\($0))" }
    }

    /// The rules with the colours in full, for a file that other programs than browsers may draw; browsers heed the
    /// reader's choice of dark.
    static var fileRules: String {
        shapes + tints { value($0, light) } + "@media(prefers-color-scheme:dark){" + tints { value($0, dark) } + "}"
    }

    private static func value(_ name: String, _ theme: Theme) -> String {
        switch name {
        case "paper": theme.paper
        case "ink": theme.ink
        case "quiet": theme.quiet
        case "line": theme.line
        default: Int(name.dropFirst()).map { theme.colours[$0] } ?? theme.ink
        }
    }

    private static let shapes =
        "svg.chart{font:12px \(fonts)}.chart .t{font-weight:600;font-size:13px}.chart .e{text-anchor:end}"
        + ".chart .m{text-anchor:middle}.chart .best{font-weight:700}.chart .axis{fill:none;stroke-width:1}"
        + ".chart .bar{fill:currentColor}.chart .floor .bar{fill-opacity:.18;stroke:currentColor;stroke-dasharray:3 2}"
        + ".chart .wh{fill:none;stroke-width:1.2}.chart .curve{fill:none;stroke:currentColor;stroke-width:1.6;"
        + "stroke-linejoin:round}.chart .dash .curve{stroke-dasharray:4 3}.chart .dot{fill:currentColor}"
        + ".chart .dots{fill:none;stroke:currentColor;stroke-width:4.8;stroke-linecap:round}"
        + ".chart .hollow{fill-opacity:0;stroke:currentColor;stroke-width:1.4}"
        + ".chart .arm{stroke:currentColor;stroke-opacity:.45}.chart .lead{stroke:currentColor;stroke-width:.7;"
        + "fill:none}.chart .mark{stroke-dasharray:2 3;fill:none}"

    private static func tints(_ colour: (String) -> String) -> String {
        let engines = ChartPalette.light.indices.map { ".chart .c\($0){color:\(colour("c\($0)"))}" }.joined()
        return ".chart text{fill:\(colour("ink"))}.chart .q{fill:\(colour("quiet"))}"
            + ".chart .axis{stroke:\(colour("line"))}.chart .wh{stroke:\(colour("ink"))}"
            + ".chart .mark{stroke:\(colour("quiet"))}.chart .cut{fill:\(colour("paper"))}"
            + ".chart .paper{fill:\(colour("paper"))}" + engines
    }
}
