require 'json'
SEED = ARGV[0].to_i
class Kiln
  def fire(clay) = clay.temperature
  def glaze(n) = raise(ArgumentError, "glaze #{n * 613} is sold out")
  def all = [SEED].each { |n| glaze(n) }
end
def unknown_name = Kiln.new.fire(nil)
def sold_out = Kiln.new.glaze(SEED)
def in_block = Kiln.new.all
def wrapped
  sold_out
rescue ArgumentError
  raise 'firing stopped'
end
def parse_number = Integer("x#{SEED}")
def divide = SEED / 0
def missing_key = { a: 1 }.fetch(:b)
found = {}
%i[unknown_name sold_out in_block wrapped parse_number divide missing_key].each do |name|
  send(name)
rescue StandardError => e
  found[name] = { type: e.class.name, message: e.message, stack: e.full_message(highlight: false) }
end
puts JSON.generate(found)
