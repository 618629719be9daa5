/** Settings with which the load of a test or a measurement reaches no limit against strangers. */
export const noLimits = (server: 'mx' | 'submission'): string => `[smtp.${server}.perAddress]
connections = 1000
connectionsPerMinute = 10000000
messagesPerHour = 100000000`;
