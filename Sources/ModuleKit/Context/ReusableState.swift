import Bytes

/// State of a module that serves one message after the other (`RouteContext.reusedState`).
public protocol ReusableState: AnyObject {
    init()
    /// Makes it as good as new, in the room it has; called when its message is through.
    func clear()
}

extension ReusableState {
    /// `clear` of `object`, which is one of these.
    static func clear(attached object: AnyObject) { withCast(object, to: Self.self) { $0.clear() } }
}

/// What a module attached to a message, by its type.
struct AttachedState {
    var key: ObjectIdentifier
    /// There, but while it is cleared.
    var value: AnyObject?
    /// Type of `value`, when that serves further messages.
    var reusable: (any ReusableState.Type)?
    /// Of an earlier message, and cleared: the next one that wants such a state gets it.
    var isIdle = false
}
