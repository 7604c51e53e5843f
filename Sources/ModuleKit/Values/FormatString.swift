import Bytes
import SIPMessage

/// A string with pseudo-variables in it, taken apart once when the script is loaded.
public final class FormatString: Sendable {
    public enum Piece: Sendable {
        case literal(ByteString)
        case variable(VariableReference)
    }

    public let pieces: [Piece]
    /// The text when no variable is in it.
    public let constant: ByteString?
    /// The only piece, when it is one variable and nothing else.
    public let soleVariable: VariableReference?

    public init(_ pieces: [Piece]) {
        self.pieces = pieces
        var text = ByteString()
        var isConstant = true
        for piece in pieces {
            switch piece {
            case .literal(let part): text = text + part
            case .variable: isConstant = false
            }
        }
        self.constant = isConstant ? text : nil
        self.soleVariable = if pieces.count == 1, case .variable(let variable) = pieces[0] { variable } else { nil }
    }

    /// Appends the text with every variable read now; `$null` prints as `<null>`, or as nothing when a transformation
    /// made it.
    public func write(to buffer: ByteBuffer, in route: RouteContext) {
        for piece in self.pieces {
            switch piece {
            case .literal(let text): buffer.append(text)
            case .variable(let variable):
                let value = variable.read(in: route)
                if value.isNull, !variable.transforms.isEmpty { continue }
                route.print(value, to: buffer)
            }
        }
    }

    public func evaluate(in route: RouteContext) -> ByteString {
        if let constant = self.constant { return constant }
        if let variable = self.soleVariable {
            let value = variable.read(in: route)
            if !value.isNull { return route.text(value) }
            return variable.transforms.isEmpty ? Self.null : ByteString()
        }
        return route.made { self.write(to: $0, in: route) }
    }

    private static let null = ByteString("<null>")
}
