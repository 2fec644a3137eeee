# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a Vigor prints, as rows. One file for each part of the unit; nothing is guessed.

Sources of the formats: the examples in the Vigor2927 Series User's Guide 2.2 part X and the Vigor3912 Series User's
Guide 1.01 part VIII, "Telnet Commands", and live captures of a Vigor3912S 4.4.7_RC2 and a Vigor2927Lac 4.5.2.2.
"""
