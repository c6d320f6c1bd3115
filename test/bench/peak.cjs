// Loaded before the program whose memory is asked for: it writes the peak, in KiB, into the file that BENCH_PEAK names.
const { writeFileSync } = require('node:fs');
process.on('exit', () => writeFileSync(process.env.BENCH_PEAK, String(process.resourceUsage().maxRSS)));
