import Bytes
import SIPMessage

/// A string with pseudo-variables in it, taken apart once when the script is loaded.
public final class FormatString: Sendable {
    public enum Piece: Sendable {
        case literal(ByteString)
        case variable(VariableReference)
    }

    public let pieces: [Piece]
    /// The same to write from.
    private let parts: FixedTable<Part>
    /// The text when no variable is in it.
    public let constant: ByteString?
    /// The only piece, when it is one variable and nothing else.
    public let soleVariable: VariableReference?

    public init(_ pieces: [Piece]) {
        self.pieces = pieces
        self.parts = FixedTable(pieces) { Part($0) }
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
        for index in 0..<self.parts.count { self.parts[index].write(to: buffer, in: route) }
    }

    /// A piece that cannot be copied: writing it counts neither its text nor its variable.
    private struct Part: ~Copyable, Sendable {
        let text: ByteString
        let isLiteral: Bool
        /// One that is never read for a literal: what is optional would be counted.
        let variable: VariableReference

        init(_ piece: Piece) {
            switch piece {
            case .literal(let text):
                self.text = text
                self.isLiteral = true
                self.variable = Self.nothing
            case .variable(let variable):
                self.text = ByteString()
                self.isLiteral = false
                self.variable = variable
            }
        }

        private static let nothing = VariableReference(
            text: "", name: "", index: .none, transforms: [], access: VariableAccess { _, _ in .null })

        @inline(never)
        func write(to buffer: ByteBuffer, in route: RouteContext) {
            if self.isLiteral { return buffer.append(self.text) }
            let value = self.variable.read(in: route)
            if value.isNull, !self.variable.transforms.isEmpty { return }
            route.print(value, to: buffer)
        }

        /// The text of the variable alone.
        @inline(never)
        func text(in route: RouteContext) -> ByteString {
            let value = self.variable.read(in: route)
            if !value.isNull { return route.text(value) }
            return self.variable.transforms.isEmpty ? FormatString.null : ByteString()
        }
    }

    public func evaluate(in route: RouteContext) -> ByteString {
        if let constant = self.constant { return constant }
        if self.soleVariable != nil { return self.parts[0].text(in: route) }
        return route.made { self.write(to: $0, in: route) }
    }

    fileprivate static let null = ByteString("<null>")
}
