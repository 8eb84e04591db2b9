"""The faults of JavaScript itself, in the words of V8, Gecko, JavaScriptCore and IE.

A wording is text in which ``{d}`` is kept as the detail, ``{w}`` too if it is a single
name, and ``*`` stands for anything. ``{e}`` is an expression, and for a TypeError only:
people write "User is null" in errors of their own.
"""

from __future__ import annotations

SCRIPT_FAULTS = {
    "nullish access": """
        Cannot read properties of * (reading '{d}')
        Cannot set properties of * (setting '{d}')
        Cannot read property '{d}' of *
        Cannot set property '{d}' of undefined
        Cannot set property '{d}' of null
        Cannot read properties of *
        Cannot destructure property '{d}' of *
        Cannot destructure * as it is *
        can't access property '{d}', *
        can't access property '{d}' of *
        can't access property {d}, *
        undefined is not an object (evaluating '{d}')
        null is not an object (evaluating '{d}')
        'undefined' is not an object (evaluating '{d}')
        'null' is not an object (evaluating '{d}')
        Unable to get property '{d}' of undefined or null reference
        Unable to set property '{d}' of undefined or null reference
        {e} has no properties
        Right side of assignment cannot be destructured
        right-hand side of destructuring *
        {e} is undefined
        {e} is null
        *; can't access its '{d}' property
        *, can't access property '{d}' of it
    """,
    "not iterable": """
        {d} is not iterable
        {d} is not iterable *
        {d} is not iterable!
        undefined is not a function (near '{d}')
        * is not a function or its return value is not iterable
        Spread syntax requires *
        Found non-callable @@iterator
        can't access property Symbol.iterator, *
        Invalid attempt to * non-iterable *
    """,
    "not a function": """
        undefined is not a function (evaluating '{d}')
        null is not a function (evaluating '{d}')
        'undefined' is not a function (evaluating '{d}')
        '*' is not a function (evaluating '{d}')
        {d} is not a function. (In *
        {d} is not a function
        Object doesn't support property or method '{d}'
        Function expected
    """,
    "not defined": """
        Can't find variable: {d}
        '{w}' is undefined
        {w} is not defined
        Property '{d}' doesn't exist
    """,
    "used before it is set": """
        Cannot access '{d}' before initialization
        can't access lexical declaration '{d}' before initialization
        Cannot access uninitialized variable
    """,
    "not a constructor": """
        undefined is not a constructor (evaluating 'new {d}')
        null is not a constructor (evaluating 'new {d}')
        {d} is not a constructor (evaluating '*
        {d} is not a constructor
    """,
    "assignment to a constant": """
        Assignment to constant variable
        invalid assignment to const '*'
        Assignment to const
        Attempted to assign to readonly property
        Cannot assign to read only property '{d}' of *
        '{d}' is read-only
        Cannot set property {d} of * which has only a getter
        setting getter-only property '{d}'
    """,
    "object is not extensible": """
        Cannot add property {d}, object is not extensible
        can't define property '{d}': *
        Attempting to define property on object that is not extensible
    """,
    "property cannot be redefined": """
        Cannot redefine property: {d}
        can't redefine non-configurable property '{d}'
        Attempting to change * property
    """,
    "property cannot be deleted": """
        Cannot delete property '{d}' of *
        property '{d}' is non-configurable and can't be deleted
        Unable to delete property
    """,
    "nullish to object": """
        Cannot convert undefined or null to object
        can't convert * to object
        Object.* requires that input parameter not be null or undefined
    """,
    "in without an object": """
        Cannot use 'in' operator to search for * in *
        cannot use 'in' operator to search for * in *
        right-hand side of 'in' should be an object, got *
        invalid 'in' operand *
        * is not an Object. (evaluating '*' in *')
        * is not an Object. (evaluating '* in *')
    """,
    "instanceof without a class": """
        Right-hand side of 'instanceof' is not *
        invalid 'instanceof' operand *
        Right hand side of instanceof is not *
    """,
    "class called without new": """
        Class constructor * cannot be invoked without 'new'
        class constructors must be invoked with 'new'
        Cannot call a class constructor *
    """,
    "super not called": """
        Must call super constructor in derived class before *
        must call super constructor before *
        'super()' must be called in derived constructor before *
    """,
    "stack overflow": """
        Maximum call stack size exceeded
        too much recursion
        Out of stack space
        maximum recursion depth exceeded*
        stack level too deep
    """,
    "invalid array length": """
        Invalid array length
        invalid array length
        Array size is not a small enough positive integer
        Array length must be a positive integer of safe magnitude
    """,
    "out of memory": """
        Invalid string length
        allocation size overflow
        Out of memory
        out of memory
        Array buffer allocation failed
        Array buffer allocation failed*
        WebAssembly.Memory(): could not allocate memory*
        Length out of range of buffer
    """,
    "invalid count": """
        Invalid count value: *
        repeat count must be *
        String.prototype.repeat argument must be *
    """,
    "invalid date": """
        Invalid time value
        invalid date
        Invalid Date
        date value is not finite *
    """,
    "invalid precision": """
        *() digits argument must be between *
        *() argument must be between * and *
        precision * out of range
    """,
    "malformed URI": """
        URI malformed
        malformed URI sequence
        String contained an illegal UTF-16 sequence
        URI error
    """,
    "BigInt mixed with numbers": """
        Cannot mix BigInt and other types*
        can't convert BigInt to number
        Invalid mix of BigInt and other type*
    """,
    "BigInt in JSON": """
        Do not know how to serialize a BigInt
        BigInt value can't be serialized in JSON
        JSON.stringify cannot serialize BigInt
    """,
    "private member of another class": """
        Cannot read private member * from an object whose class did not declare it
        Cannot write private member * to an object whose class did not declare it
        can't access private field or method: object is not the right class
        can't set private field: object is not the right class
        Cannot access invalid private field*
        Cannot set invalid private field*
        Cannot access private method or acessor*
        Object must be an instance of class *
        Receiver must be an instance of class *
    """,
    "symbol to string": """
        Cannot convert a Symbol value to a string
        can't convert symbol to string
        Cannot convert a symbol to a string
    """,
    "object to primitive": """
        Cannot convert object to primitive value
        can't convert * to primitive type
        No default value
    """,
    "circular JSON": """
        Converting circular structure to JSON*
        cyclic object value
        JSON.stringify cannot serialize cyclic structures
    """,
    "reduce of nothing": """
        Reduce of empty array with no initial value
        reduce of empty array with no initial value
    """,
    "regular expression with an open group": """
        Invalid regular expression: * Unterminated group
        Invalid regular expression: missing )
        unterminated parenthetical
    """,
    "regular expression with an open class": """
        Invalid regular expression: * Unterminated character class
        Invalid regular expression: missing terminating ] for character class
        unterminated character class
    """,
    "regular expression that repeats nothing": """
        Invalid regular expression: * Nothing to repeat
        Invalid regular expression: nothing to repeat
        nothing to repeat
    """,
    "regular expression with an unknown group": """
        Invalid regular expression: * Invalid group
        Invalid regular expression: unrecognized character after (?
        Invalid regular expression: invalid group specifier name
        Invalid regular expression: * invalid group specifier name
        invalid regexp group
    """,
    "regular expression with an unknown escape": """
        Invalid regular expression: * Invalid *escape
        Invalid regular expression: invalid escaped character for Unicode pattern
        invalid identity escape in regular expression
    """,
    "regular expression with unknown flags": """
        Invalid flags supplied to RegExp constructor*
        Invalid regular expression flags
        Invalid regular expression: invalid flags
        invalid regular expression flag *
    """,
    "regular expression with an open bracket": """
        Invalid regular expression: * Unmatched ')'
        Invalid regular expression: unmatched parentheses
        unmatched ) in regular expression
    """,
    "regular expression with a range out of order": """
        Invalid regular expression: * Range out of order in character class
        Invalid regular expression: range out of order in character class
        invalid range in character class
    """,
    "invalid regular expression": """
        Invalid regular expression*
    """,
    "Minified React error": """
        Minified React error #{d}; *
        Minified React error #{d}
    """,
    "object as a React child": """
        Objects are not valid as a React child*
    """,
    "illegal invocation": """
        Illegal invocation
        '*' called on an object that does not implement interface *
        Can only call * on instances of *
    """,
}
