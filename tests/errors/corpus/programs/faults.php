<?php
namespace Depot;
$seed = (int) $argv[1];
class Crate {
    public function weigh(int $grams) { return $grams; }
    public function load($item) { throw new \RuntimeException("Crate " . ($item * 7213) . " is full"); }
    public static function stack($n) { return (new self)->load($n); }
}
class LabelError extends \LogicException {}
function label($seed) { try { Crate::stack($seed); } catch (\Exception $e) { throw new LabelError("No label", 0, $e); } }
function tally($seed) { return array_map(function ($n) { return intdiv($n, 0); }, [$seed]); }
function weighAll($seed) { (new Crate)->weigh("heavy" . $seed); }
function callNull($seed) { $x = null; return $x->seal($seed); }
set_error_handler(function ($no, $text, $file, $line) { throw new \ErrorException($text, 0, $no, $file, $line); });
function readRow($seed) { $row = []; return $row['colour']; }
function openFile($seed) { return file_get_contents('/tmp/depot_' . ($seed * 811) . '/in.csv'); }
$found = [];
foreach (['stack' => 'Depot\Crate::stack', 'label' => 'Depot\label', 'tally' => 'Depot\tally', 'weighAll' => 'Depot\weighAll', 'callNull' => 'Depot\callNull', 'readRow' => 'Depot\readRow', 'openFile' => 'Depot\openFile'] as $name => $fault) {
    try { $fault($seed); } catch (\Throwable $e) {
        $found[$name] = ['type' => get_class($e), 'message' => $e->getMessage(), 'file' => $e->getFile(), 'stack' => (string) $e];
        $found["{$name}Bare"] = ['type' => get_class($e), 'message' => $e->getMessage(), 'file' => $e->getFile(), 'stack' => $e->getTraceAsString()];
    }
}
echo json_encode($found);
