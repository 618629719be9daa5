#!/usr/bin/env node
import '../dist/server/congvu.js';
