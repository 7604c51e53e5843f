import Bytes
import SIPMessage

/// Whose credentials a request was found to carry. Attached to the context by the function that checked them; credentials
/// that nobody has checked name nobody.
public final class AuthorizedUser: ReusableState {
    public private(set) var name = ByteString()
    public private(set) var realm = ByteString()

    public init() {}

    public init(name: ByteString, realm: ByteString) {
        self.name = name
        self.realm = realm
    }

    /// Takes over both from a message, in the room that it has.
    public func set(_ span: Span<UInt8>, name: ByteRange, realm: ByteRange) {
        self.name.replace(with: span.extracting(name.indices))
        self.realm.replace(with: span.extracting(realm.indices))
    }

    public func clear() {
        // Names of this length are not met again.
        if self.name.bytes.capacity > 1024 { self.name = ByteString() }
        if self.realm.bytes.capacity > 1024 { self.realm = ByteString() }
    }
}
