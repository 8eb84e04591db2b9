import java.util.*;
import java.util.function.*;

public class Faults {
    static class Rail { String gauge; int width() { return gauge.length(); } }
    interface Signal { void raise(int n); }
    static int measure(int n) { return new Rail().width() + n; }
    static void couple(int n) { List.of(n).forEach(k -> { throw new IllegalStateException("wagon " + k * 6131 + " derailed"); }); }
    static void index(int n) { int[] track = new int[n]; track[n + 4] = 1; }
    static void parse(int n) { Integer.parseInt("x" + n); }
    static void cast(int n) { Object o = "s" + n; Integer i = (Integer) o; }
    static void wrap(int n) { try { couple(n); } catch (Exception e) { throw new RuntimeException("train " + n * 17 + " stopped", e); } }
    static void wrapOther(int n) { try { parse(n); } catch (Exception e) { throw new RuntimeException("train " + n * 17 + " stopped", e); } }
    static void anonymous(int n) { new Signal() { public void raise(int k) { throw new UnsupportedOperationException("no lamp"); } }.raise(n); }
    static int sink(int n) { return sink(n + 1) + 1; }
    static void proxy(int n) {
        Signal s = (Signal) java.lang.reflect.Proxy.newProxyInstance(Faults.class.getClassLoader(), new Class[]{Signal.class}, (p, m, a) -> { throw new IllegalArgumentException("bad aspect"); });
        s.raise(n);
    }
    public static void main(String[] a) throws Exception {
        int n = Integer.parseInt(a[1]);
        Map<String, IntConsumer> faults = Map.of("measure", Faults::measure, "couple", Faults::couple, "index", Faults::index, "parse", Faults::parse, "cast", Faults::cast, "wrap", Faults::wrap, "wrapOther", Faults::wrapOther, "anonymous", Faults::anonymous, "sink", Faults::sink, "proxy", Faults::proxy);
        faults.get(a[0]).accept(n);
    }
}
