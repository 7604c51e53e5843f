import Bytes
import CCurl

/// libcurl, opened when somebody needs it.
public enum HTTPLibrary {
    /// Why HTTP requests cannot be made here.
    public struct Unavailable: Error, CustomStringConvertible {
        public var description: String
    }

    /// Opens the library; again does nothing.
    /// - Throws: what the system says when it is not installed.
    public static func open() throws(Unavailable) {
        // The text is static and never NULL when there is one.
        guard let reason = unsafe apus_curl_open() else { return }
        throw unsafe Unavailable(
            description: "libcurl cannot be used: \(String(cString: reason)) (Debian and its relatives: libcurl4)")
    }

    /// Its version and what it is built with: `libcurl/7.88.1 OpenSSL/3.0.11 …`.
    public static var version: String { unsafe String(cString: apus_curl_version()) }

    /// The text of a result: `Couldn't connect to server`.
    public static func text(of result: Int) -> String {
        // Static texts of the library.
        unsafe String(cString: apus_curl_text(Int32(clamping: result)))
    }
}
