import Foundation

/// What SVG and HTML share: safe text, short numbers.
enum Markup {
    /// Text that is text everywhere, between tags and in quoted attributes. Characters that XML forbids become U+FFFD.
    static func escaped(_ text: String) -> String {
        var safe = ""
        safe.unicodeScalars.reserveCapacity(text.unicodeScalars.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": safe += "&amp;"
            case "<": safe += "&lt;"
            case ">": safe += "&gt;"
            case "\"": safe += "&quot;"
            case "'": safe += "&#39;"
            case "\t", "\n", "\r": safe += " "
            case "\u{0}"..<" ", "\u{7F}"..<"\u{A0}", "\u{FFFE}", "\u{FFFF}": safe += "\u{FFFD}"
            // Marks that turn the direction of writing could show another text than the one that is there.
            case "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}": safe += "\u{FFFD}"
            default: safe.unicodeScalars.append(scalar)
            }
        }
        return safe
    }

    /// A coordinate, to a tenth of a pixel: `12`, `12.5`.
    static func number(_ value: Double) -> String {
        guard value.isFinite else { return "0" }
        let tenths = (value * 10).rounded()
        let whole = Int(tenths) / 10
        let rest = abs(Int(tenths) % 10)
        return rest == 0 ? "\(whole)" : "\(tenths < 0 && whole == 0 ? "-" : "")\(whole).\(rest)"
    }

    /// Straight lines from place to place as path data, as short as it can be said: `M12 3h40`, `M12 3l1.5-2 1 4`. Each
    /// place is rounded by itself, so that steps don't add up their errors.
    static func path(_ places: [(x: Double, y: Double)]) -> String {
        guard let first = places.first else { return "" }
        var data = "M\(number(first.x)) \(number(first.y))"
        var last = (tenths(first.x), tenths(first.y))
        for (number, place) in places.dropFirst().enumerated() {
            let next = (tenths(place.x), tenths(place.y))
            let (x, y) = (step(next.0 - last.0), step(next.1 - last.1))
            last = next
            if places.count == 2 && y == "0" { return data + "h" + x }
            if places.count == 2 && x == "0" { return data + "v" + y }
            data += number == 0 ? "l" : x.hasPrefix("-") ? "" : " "
            data += x + (y.hasPrefix("-") ? "" : " ") + y
        }
        return data
    }

    private static func tenths(_ value: Double) -> Int { value.isFinite ? Int((value * 10).rounded()) : 0 }

    private static func step(_ tenths: Int) -> String { number(Double(tenths) / 10) }

    /// About how many pixels the text takes in the charts' fonts, on the wide side.
    static func width(_ text: String, size: Double = 12, isBold: Bool = false) -> Double {
        var ems = 0.0
        for character in text {
            switch character {
            case "i", "j", "l", "t", "f", "r", ".", ",", ":", ";", " ", "(", ")", "-", "'", "/", "I": ems += 0.38
            case "m", "w", "M", "W", "%", "±", "µ", "–", "…": ems += 0.92
            case "A"..."Z": ems += 0.72
            default: ems += 0.62
            }
        }
        return ems * size * (isBold ? 1.15 : 1)
    }

    /// The text, cut where it would be wider than `limit` pixels.
    static func fitted(_ text: String, _ limit: Double, size: Double = 12, isBold: Bool = false) -> String {
        guard width(text, size: size, isBold: isBold) > limit else { return text }
        var short = text
        while !short.isEmpty, width(short + "…", size: size, isBold: isBold) > limit { short.removeLast() }
        return short + "…"
    }

    /// The text in lines of at most `limit` pixels, broken at spaces; a longer word is cut.
    static func wrapped(_ text: String, _ limit: Double) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            let longer = (lines.last.map { $0 + " " } ?? "") + word
            if !lines.isEmpty, width(longer) <= limit {
                lines[lines.count - 1] = longer
            } else {
                lines.append(fitted(String(word), limit))
            }
        }
        return lines
    }
}
