import Bytes

/// Whose credentials a request was found to carry. Attached to the context (`setState`) by the function that checked
/// them; credentials that nobody has checked name nobody.
public final class AuthorizedUser {
    public let name: ByteString
    public let realm: ByteString

    public init(name: ByteString, realm: ByteString) {
        self.name = name
        self.realm = realm
    }
}
