"""The faults of browsers' interfaces, and of other languages whose wording changed.

In the notation of script_faults.py.
"""

from __future__ import annotations

PLATFORM_FAULTS = {
    "network failure": """
        Failed to fetch
        Failed to fetch (*)
        Load failed
        Load failed (*)
        NetworkError when attempting to fetch resource
        Network request failed
        Network Error
        network error
        A network error occurred
        The network connection was lost
        The Internet connection appears to be offline
        A server with the specified hostname could not be found
        Could not connect to the server
        fetch failed
        Error in input stream
        TypeError: Failed to fetch
    """,
    "JSON cut short": """
        Unexpected end of JSON input
        JSON.parse: unexpected end of data*
        JSON Parse error: Unexpected EOF
        JSON Parse error: Unexpected end of input
    """,
    "JSON malformed": """
        * is not valid JSON
        Unexpected token * in JSON*
        * JSON at position *
        * after JSON*
        JSON.parse: *
        JSON Parse error: *
        The string did not match the expected pattern
    """,
    "ResizeObserver loop": """
        ResizeObserver loop limit exceeded
        ResizeObserver loop completed with undelivered notifications
    """,
    "chunk load failure": """
        Failed to fetch dynamically imported module*
        error loading dynamically imported module*
        Importing a module script failed
        Loading chunk * failed*
        Loading CSS chunk * failed*
        Unable to preload CSS for *
        Failed to load chunk *
        Failed to load module script*
        '*' is not a valid JavaScript MIME type
    """,
    "unexpected end of script": """
        Unexpected end of input
        Unexpected end of script
        Unexpected EOF
        missing } after *
    """,
    "unexpected token": """
        Unexpected token '{d}'*
        expected expression, got '{d}'
        Unexpected token {d}
        unexpected token: '{d}'
    """,
    "illegal character": """
        Invalid or unexpected token
        illegal character*
        Invalid character*
        unterminated string literal
        Unexpected string literal*
    """,
    "unexpected identifier": """
        Unexpected identifier*
        unexpected token: identifier
    """,
    "quota exceeded": """
        * Setting the value of * exceeded the quota
        Setting the value of * exceeded the quota
        The quota has been exceeded
        Quota exceeded
        QuotaExceededError*
        QUOTA_EXCEEDED_ERR*
        Persistent storage maximum size reached
    """,
    "cannot be cloned": """
        * could not be cloned*
        The object can not be cloned
    """,
    "aborted": """
        The user aborted a request
        signal is aborted without reason
        The operation was aborted
        This operation was aborted
        Fetch is aborted
        BodyStreamBuffer was aborted
        The operation was aborted*
    """,
    "not allowed": """
        play() failed because the user didn't interact with the document first*
        * is not allowed by the user agent or the platform in the current context*
        Permission denied
        Write permission denied
    """,
    "cross-origin access": """
        Blocked a frame with origin *
        * Blocked a frame with origin *
        Permission denied to access property *
    """,
    "access denied to the document": """
        The operation is insecure
        * Access is denied for this document
    """,
    "node is not a child": """
        Node.removeChild: *
        Node.insertBefore: *
        Node.replaceChild: *
        Node was not found
        The object can not be found here
        NotFoundError: The object can not be found here
    """,
    "invalid URL": """
        URL.constructor: *
        URL constructor: * is not a valid URL
        Invalid URL
        Invalid URL: *
        * cannot be parsed as a URL
    """,
    "invalid base64": """
        Window.atob: *
        The string to be decoded *
        String contains an invalid character
        The string contains invalid characters
    """,
    "local used before it is set": """
        local variable '{d}' referenced before assignment
        cannot access local variable '{d}' where it is not associated with a value
        cannot access free variable '{d}' where it is not associated with a value *
    """,
    "undefined method": """
        undefined method '{d}' for *
        undefined local variable or method '{d}' for *
    """,
    "undefined variable": """
        Undefined variable: {d}
        Undefined variable ${d}
    """,
    "undefined key": """
        Undefined index: {d}
        Undefined array key '{d}'
    """,
    "undefined offset": """
        Undefined offset: *
        Undefined array key *
    """,
    "property of a non-object": """
        Trying to get property '{d}' of non-object
        Attempt to read property '{d}' on *
    """,
    "null dereference": """
        Cannot invoke '{d}' because *
        Cannot read field '{d}' because *
        Cannot assign field '{d}' because *
    """,
    "cast": """
        {d} cannot be cast to *
    """,
    "index out of bounds": """
        Index * out of bounds for length *
        Index: *, Size: *
        Array index out of range: *
        String index out of range: *
        begin *, end *, length *
    """,
}
