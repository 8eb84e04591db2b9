package main

import ("fmt"; "os"; "strconv")

type Pump struct{ valve *Valve }
type Valve struct{ open bool }

func (p *Pump) Start(n int) bool { return p.valve.open }
func Measure(values []int, n int) int { return values[n+3] }
func Drain(n int) { func() { panic(fmt.Errorf("tank %d is dry: %w", n*7717, os.ErrNotExist)) }() }
func Refill(n int) { done := make(chan int); go func() { Drain(n); done <- 1 }(); <-done }
func Convert(n int) { m := map[string]int(nil); m[strconv.Itoa(n)] = 1 }

func main() {
	n, _ := strconv.Atoi(os.Args[2])
	switch os.Args[1] {
	case "start": (&Pump{}).Start(n)
	case "measure": Measure([]int{n, n}, n)
	case "drain": Drain(n)
	case "refill": Refill(n)
	case "convert": Convert(n)
	}
}
